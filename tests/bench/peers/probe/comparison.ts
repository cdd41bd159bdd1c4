/**
 * The linear probe's fit against scikit-learn's `LogisticRegression`: the same features, objective and tolerance.
 *
 * Both start at zero, z-score the features themselves and run in 64-bit floats; scikit-learn with as many threads as it
 * likes. The time is that of the fit, without start and imports.
 *
 * @module
 */
import { byTurns, type Comparison, type Options } from "../comparison.ts";
import { type Entry, entryOf, median } from "../entry.ts";
import { shapedFeatures, writeFeatures } from "../features.ts";
import { ownResult, peerResult, sciencePython, versionsIn } from "../processes.ts";
import { PROBLEM } from "./problem.ts";

const OWN = new URL("./own.ts", import.meta.url);
const PEER = new URL("./scikit_learn.py", import.meta.url);
const NAME = `probe/lbfgs-${PROBLEM.n}x${PROBLEM.size}`;

export const probe: Comparison = {
  names: [NAME],
  versions: async () => versionsIn(await sciencePython(), ["scikit-learn"]),
  async *run({ runs: turns }: Options): AsyncGenerator<Entry> {
    const python = await sciencePython();
    const folder = await Deno.makeTempDir({ prefix: "treenet-peers-" });
    try {
      const paths = await writeFeatures(folder, shapedFeatures(PROBLEM.n, PROBLEM.size));
      const gradients = { ours: [] as number[], peer: [] as number[] };
      const runs = await byTurns(turns, {
        ours: async () => {
          const { seconds, gradientNorm } = await ownResult(OWN, []);
          gradients.ours.push(gradientNorm);
          return seconds;
        },
        peer: async () => {
          const { seconds, gradientNorm } = await peerResult(python, PEER, { ...PROBLEM, ...paths });
          gradients.peer.push(gradientNorm);
          return seconds;
        },
      });
      const [own, theirs] = [gradients.ours, gradients.peer].map((all) => median(all).toExponential(0));
      yield entryOf({
        name: NAME,
        backend: "wasm",
        mode: "64-bit floats",
        unit: "s",
        against: "scikit-learn: LogisticRegression, lbfgs",
        note: `gradient at the end ${own} against ${theirs}`,
      }, runs);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
};
