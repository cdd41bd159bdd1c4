import { assert, assertEquals } from "@std/assert";
import cpu from "../../../../profiles/cpu.json" with { type: "json" };
import { jobOf, nameOf, refinementsOf, STEPS, variantsOf } from "./steps.ts";

const step = (name: string) => STEPS.find((one) => one.name === `train-step/${name}`)!;

Deno.test("steps of the cpu profile are those of profiles/cpu.json", () => {
  for (const model of ["dense-join", "avg-join", "cnn", "resnet50"] as const) {
    const { architecture, batch, locals } = step(`cpu-profile/${model}`);
    assertEquals(architecture as unknown, cpu.models[model], model);
    assertEquals([batch, locals], [cpu.train.batch, cpu["augment-cache"].locals.count], model);
  }
});

Deno.test("PyTorch is given every way: leaves grouped and looped, both orders, compiled, one thread", () => {
  const tree = variantsOf(step("dense-join-8"), 2).map(nameOf);
  assertEquals(tree, [
    "grouped, channels last, eager, 2 threads",
    "grouped, channels first, eager, 2 threads",
    "leaves in a loop, channels last, eager, 2 threads",
    "leaves in a loop, channels first, eager, 2 threads",
  ]);
  assertEquals(variantsOf(step("resnet50"), 2).length, 2, "a net without leaves has none to loop over");
  const looped = variantsOf(step("dense-join-8"), 2)[2];
  assertEquals(refinementsOf(looped).map(nameOf), [
    "leaves in a loop, channels last, eager, 1 thread",
    "grouped, channels last, compiled, 2 threads",
  ]);
});

Deno.test("a job says all that PyTorch needs to know", () => {
  const [variant] = variantsOf(step("cpu-profile/cnn"), 2);
  const job = JSON.parse(jobOf(step("cpu-profile/cnn"), variant, { warmup: 1 }));
  assertEquals([job.leaves, job.join, job.threads, job.warmup], [1, "mean", 2, 1]);
  assert(Array.isArray(job.channels) && job.batch === 64);
});
