import { assert } from "@std/assert";
import { CANDIDATES } from "../conformance/backends.ts";
import { runSteps } from "../conformance/processes.ts";

const STEPS = 1000;
const GROWTH = 32 * 2 ** 20; // bytes that the collector may not have come to yet

for (const { name, missing } of CANDIDATES.filter(({ backend }) => backend === "tensorflow")) {
  const ignore = missing !== undefined, title = ignore ? `${name} (${missing})` : name;

  // The training loop itself refuses to go on when a step leaves a tensor behind.
  Deno.test({
    name: `${title}: ${STEPS} steps leave no tensor, take no more memory, and the process ends`,
    ignore,
  }, async () => {
    const { resident: [early, late] } = await runSteps(name, { cores: 2, steps: STEPS });
    assert(late - early < GROWTH, `resident bytes went from ${early} to ${late}`);
  });
}
