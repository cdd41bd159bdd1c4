/**
 * The official archive as a source, from the web or from a local file.
 *
 * @module
 */
import type { Source } from "./source.ts";

/** Where the data set's author keeps it. */
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
