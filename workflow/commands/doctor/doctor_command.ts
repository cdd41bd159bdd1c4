/**
 * `deno task doctor`: the state of the machine, the parts missing, and the next step.
 *
 * @module
 */
import { join } from "node:path";
import type { Command } from "../../../pipeline/workflow.ts";
import { choose } from "../../backends/choice.ts";
import { BACKENDS } from "../../backends/mod.ts";
import { surroundings } from "../../backends/tensorflow/tensorflow_backend.ts";
import { type Check, type Report, tableOf } from "./check.ts";
import { machineChecks } from "./machine_checks.ts";
import { surroundingChecks } from "./surroundings.ts";
import { tensorflowChecks } from "./tensorflow.ts";

export const doctor: Command = {
  summary: "Say what this machine has, what is missing and the next step, and which backend auto takes",
  flags: { json: { type: "switch", help: "an object of {checks, auto, default}" } },
  exits: "0 the default backend runs, 1 it does not, 2 bad usage",
  run: async ({ root }, { on }) => {
    const report = await examine(root);
    console.log(on.json ? JSON.stringify(report, null, 2) : tableOf(report).join("\n"));
    return report.default.runs ? 0 : 1;
  },
};

async function examine(root: string): Promise<Report> {
  const around = await surroundings();
  const standard = await defaultBackend();
  return {
    checks: [
      ...await machineChecks(join(root, "artifacts")),
      ...await surroundingChecks(),
      standard,
      ...await tensorflowChecks(around.gpus),
    ],
    auto: choose(around),
    default: { backend: BACKENDS[0], runs: standard.state === "ok" },
  };
}

/** Checks the default backend with a multiplication. */
async function defaultBackend(): Promise<Check> {
  const name = `backend ${BACKENDS[0]}`;
  try {
    const { loadOps } = await import("../../../treenet/ops/mod.ts");
    const { tensor2d } = await import("@tensorflow/tfjs-core");
    const ops = await loadOps(BACKENDS[0], { cores: 1 });
    const [product] = await ops.matMul(tensor2d([[2, 3]]), tensor2d([[4], [5]])).data();
    ops.close();
    if (product === 23) return { name, state: "ok", found: "runs, and is the default" };
    return {
      name,
      state: "damaged",
      found: `2·4 + 3·5 came out as ${product}`,
      next: "look at the CPU and its memory",
    };
  } catch (error) {
    const next = `restore the checkout (git status), then "deno install"`;
    return { name, state: "damaged", found: (error as Error).message, next };
  }
}
