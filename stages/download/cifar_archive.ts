/**
 * The official archive as a source, from the web or from a local file.
 *
 * @module
 */
/** A source of a tar archive of CIFAR-10, gzipped or not. */
export interface Source {
  /** Name in errors and records. */
  readonly name: string;
  /** Expected size, bytes, for progress; 0 where unknown. */
  readonly size: number;
  /** The source is a file on disk. @default false */
  readonly isLocal?: boolean;
  /** The longest silence that may still end well, ms. @default 60000 */
  patience?(): Promise<number>;
  /**
   * Hands the archive's bytes to `consume` and settles when it has. May call it again after a damaged transfer, so
   * `consume` starts afresh each time. `signal` aborts the transfer.
   */
  read(consume: (archive: ReadableStream<Uint8Array>) => Promise<void>, signal: AbortSignal): Promise<void>;
}

/** The data set's address at its author. */
export const OFFICIAL_URL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz";
const OFFICIAL_SIZE = 170_052_171; // bytes

/** An archive on the web. */
export function webSource(url: string): Source {
  return {
    name: url,
    size: url === OFFICIAL_URL ? OFFICIAL_SIZE : 0,
    async read(consume, signal) {
      const response = await fetch(url, { signal });
      if (!response.ok || response.body === null) {
        await response.body?.cancel();
        throw new Error(`it answered ${response.status} ${response.statusText}`.trim());
      }
      await consume(response.body);
    },
  };
}

/** An archive on disk. */
export async function fileSource(path: string): Promise<Source> {
  const { size } = await Deno.stat(path);
  return {
    name: path,
    size,
    isLocal: true,
    async read(consume) {
      using file = await Deno.open(path);
      await consume(file.readable);
    },
  };
}
