/**
 * A UMAP layout, exact neighbours and start by PCA included, against umap-learn with the same settings.
 *
 * umap-learn once seeded, which gives the same layout again as ours does, and once not, which lets it use all cores.
 * Numba compiles it on the first call of a process: `first-call` compares with that, the others with the second.
 *
 * @module
 */
import { byTurns, type Comparison, type Options, runsOf } from "../peer_comparison.ts";
import { type Entry, entryOf, median } from "../peer_entry.ts";
import { shapedFeatures, writeFeatures } from "../peer_features.ts";
import { ownResult, peerResult, sciencePython, versionsIn } from "../peer_processes.ts";
import { LAYOUT } from "./layout_job.ts";

const OWN = new URL("./own_umap.ts", import.meta.url);
const PEER = new URL("./umap_learn.py", import.meta.url);
const NAME = `umap/${LAYOUT.n}x${LAYOUT.size}`;

export const umap: Comparison = {
  names: [NAME, `${NAME}/first-call`, `${NAME}/unseeded`],
  versions: async () => versionsIn(await sciencePython(), ["umap-learn", "numba"]),
  async *run({ runs: turns, wanted }: Options): AsyncGenerator<Entry> {
    const folder = await Deno.makeTempDir({ prefix: "treenet-peers-" });
    try {
      const { features } = await writeFeatures(folder, shapedFeatures(LAYOUT.n, LAYOUT.size));
      const measure = (seed: number | null) =>
        byTurns(turns, {
          ours: () => ownResult(OWN),
          peer: async () => peerResult(await sciencePython(), PEER, { ...LAYOUT, features, seed }),
        });
      const [first, unseeded] = [`${NAME}/first-call`, `${NAME}/unseeded`];
      if (wanted(NAME) || wanted(first)) {
        const measured = await measure(LAYOUT.seed);
        if (wanted(NAME)) yield entry(NAME, "seeded", { measured, call: "seconds" });
        if (wanted(first)) yield entry(first, "seeded, first call of a process", { measured, call: "first" });
      }
      if (wanted(unseeded)) {
        yield entry(unseeded, "unseeded, all cores", { measured: await measure(null), call: "seconds" });
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
};

type Measured = Parameters<typeof runsOf>[0];

/** Entry of the peer's calls in one process, the first or the next. */
function entry(
  name: string,
  way: string,
  { measured, call }: { readonly measured: Measured; readonly call: "first" | "seconds" },
): Entry {
  const trust = runsOf(measured, "trustworthiness");
  return entryOf({
    name,
    backend: "javascript",
    mode: "64-bit floats",
    unit: "s",
    against: `umap-learn, ${way}`,
    note: `trustworthiness ${median(trust.ours).toFixed(3)} against ${median(trust.peer).toFixed(3)}`,
  }, { ours: runsOf(measured, "seconds").ours, peer: runsOf(measured, call).peer });
}
