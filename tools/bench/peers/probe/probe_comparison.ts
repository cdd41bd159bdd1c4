/**
 * The linear probe's fit against scikit-learn's `LogisticRegression`: the same features, objective and tolerance.
 *
 * Both start at zero, z-score the features themselves and run in 64-bit floats; scikit-learn on one thread
 * or on all, whichever is faster. The time is that of the fit, without start and imports.
 *
 * @module
 */
import { byTurns, type Comparison, type Options, runsOf } from "../peer_comparison.ts";
import { type Entry, entryOf, median } from "../peer_entry.ts";
import { shapedFeatures, writeFeatures } from "../peer_features.ts";
import { ownResult, peerResult, sciencePython, versionsIn } from "../peer_processes.ts";
import { PROBLEM } from "./problem.ts";

const OWN = new URL("./own_probe.ts", import.meta.url);
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
      const measured = await byTurns(turns, {
        ours: () => ownResult(OWN),
        peer: () => peerResult(python, PEER, { ...PROBLEM, ...paths }),
      });
      const [iterations, gradients] = ["iterations", "gradientNorm"].map((name) => runsOf(measured, name));
      yield entryOf({
        name: NAME,
        backend: "wasm",
        mode: "64-bit floats",
        unit: "s",
        against: `scikit-learn: LogisticRegression, lbfgs, threads: ${
          measured.peer.map(({ threads }) => threads).join(", ")
        }`,
        note: `${median(iterations.ours)} against ${median(iterations.peer)} iterations, ` +
          `gradient at the end ${median(gradients.ours).toExponential(0)} against ` +
          median(gradients.peer).toExponential(0),
      }, runsOf(measured, "seconds"));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
};
