/**
 * A source: somewhere a tar archive, gzipped or not, of CIFAR-10 can be had from.
 *
 * @module
 */

export interface Source {
  /** As errors and records name it. */
  readonly name: string;
  /** Bytes to expect, for progress; 0 where unknown. */
  readonly size: number;
  /** It is a file on disk. @default false */
  readonly isLocal?: boolean;
  /** The longest silence that may still end well, ms. @default 60000 */
  patience?(): Promise<number>;
  /**
   * Hands the archive's bytes to `consume` and settles when it has. May call it again after a damaged transfer, so
   * `consume` starts afresh each time. `signal` aborts the transfer.
   */
  read(consume: (archive: ReadableStream<Uint8Array>) => Promise<void>, signal: AbortSignal): Promise<void>;
}
