/**
 * A UMAP layout, exact neighbours and start by PCA included, against umap-learn with the same settings.
 *
 * umap-learn once seeded, which gives the same layout again as ours does, and once not, which lets it use all cores.
 * Numba compiles it on the first call of a process: `first-call` compares with that, the others with the second.
 *
 * @module
 */
import { byTurns, type Comparison, type Options } from "../comparison.ts";
import { type Entry, entryOf, median } from "../entry.ts";
import { shapedFeatures, writeFeatures } from "../features.ts";
import { ownResult, peerResult, sciencePython, versionsIn } from "../processes.ts";
import { LAYOUT } from "./layout_job.ts";

const OWN = new URL("./own.ts", import.meta.url);
const PEER = new URL("./umap_learn.py", import.meta.url);
const NAME = `umap/${LAYOUT.n}x${LAYOUT.size}`;

export const umap: Comparison = {
  names: [NAME, `${NAME}/first-call`, `${NAME}/unseeded`],
  versions: async () => versionsIn(await sciencePython(), ["umap-learn", "numba"]),
  async *run({ runs: turns, wanted }: Options): AsyncGenerator<Entry> {
    const folder = await Deno.makeTempDir({ prefix: "treenet-peers-" });
    try {
      const { features } = await writeFeatures(folder, shapedFeatures(LAYOUT.n, LAYOUT.size));
      const measure = (seed: number | null) => measureAgainst(turns, { ...LAYOUT, features, seed });
      if (wanted(NAME) || wanted(`${NAME}/first-call`)) {
        const seeded = await measure(LAYOUT.seed);
        if (wanted(NAME)) yield entry(NAME, "umap-learn, seeded", seeded);
        if (wanted(`${NAME}/first-call`)) {
          const first = { ...seeded, runs: { ...seeded.runs, peer: seeded.first } };
          yield entry(`${NAME}/first-call`, "umap-learn, seeded, first call of a process", first);
        }
      }
      if (wanted(`${NAME}/unseeded`)) {
        yield entry(`${NAME}/unseeded`, "umap-learn, unseeded, all cores", await measure(null));
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
};

/** Both sides' seconds, and how far their layouts can be trusted. */
interface Measured {
  readonly runs: { readonly ours: readonly number[]; readonly peer: readonly number[] };
  /** Of the peer's first calls. */
  readonly first: readonly number[];
  readonly trust: { readonly ours: readonly number[]; readonly peer: readonly number[] };
}

type Job = Omit<typeof LAYOUT, "seed"> & { readonly features: string; readonly seed: number | null };

async function measureAgainst(turns: number, job: Job): Promise<Measured> {
  const python = await sciencePython();
  const first: number[] = [], trust = { ours: [] as number[], peer: [] as number[] };
  const runs = await byTurns(turns, {
    ours: async () => {
      const { seconds, trustworthiness } = await ownResult(OWN, []);
      trust.ours.push(trustworthiness);
      return seconds;
    },
    peer: async () => {
      const found = await peerResult(python, PEER, job);
      first.push(found.first);
      trust.peer.push(found.trustworthiness);
      return found.seconds;
    },
  });
  return { runs, first, trust };
}

function entry(name: string, against: string, { runs, trust }: Measured): Entry {
  const [own, theirs] = [trust.ours, trust.peer].map((all) => median(all).toFixed(3));
  return entryOf({
    name,
    backend: "javascript",
    mode: "64-bit floats",
    unit: "s",
    against,
    note: `trustworthiness ${own} against ${theirs}`,
  }, runs);
}
