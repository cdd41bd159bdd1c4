/**
 * Trainings of the real stages that are killed: while a checkpoint is written and at random, of every model. What they
 * end with is, bit for bit, what an undisturbed one ends with.
 *
 * @module
 */
import { assertEquals, assertGreater } from "@std/assert";
import { Checkout } from "../fixtures/checkout.ts";
import { addTinyProfile } from "../fixtures/tiny_profile.ts";
import { flip, namesIn } from "./support/ground.ts";
import { kill, processesOf, quiet, sleep, until } from "./support/processes.ts";
import { Chance, SEED } from "./support/seed.ts";

console.log(`seed ${SEED} (deno task test:faults --seed ${SEED})`);

const MODELS = ["dense-join", "avg-join", "cnn", "resnet50"];
const RUN = ["--profile", "tiny", "--set", "train.epochs=30"];

interface Trained {
  readonly id: string;
  readonly digest: string;
  readonly dir: string;
}

/** Trains every model, from data and views that are there, and says what came out. */
async function trained(checkout: Checkout, args: readonly string[]): Promise<readonly Trained[]> {
  for (const model of MODELS) {
    const { code, stdout, stderr } = await checkout.task("stage", `train[${model},0]`, ...args);
    assertEquals(code, 0, stdout + stderr);
  }
  const { stdout } = await checkout.task("status", "--json", ...RUN);
  return (JSON.parse(stdout) as Trained[]).filter(({ id }) => id.startsWith("train["));
}

/** Files of checkpoints, whole ones and those being written. */
function checkpoints(checkout: Checkout): string[] {
  const scratch = `${checkout.dir}/artifacts/.scratch`;
  return namesIn(scratch).flatMap((name) =>
    namesIn(`${scratch}/${name}`).map((file) => `${scratch}/${name}/${file}`)
  );
}

Deno.test("killed trainings end with the bits of undisturbed ones", async (t) => {
  const chance = new Chance("resume");
  await using checkout = await Checkout.create();
  const { data } = await addTinyProfile(checkout);
  const args = [...RUN, "--source", data, "--checkpoint-steps", "1"];
  const straight = await trained(checkout, args);
  const digests = straight.map(({ digest }) => digest);
  assertEquals(new Set(digests).size, MODELS.length);

  for (const model of MODELS) {
    await t.step(model, async () => {
      const { dir } = straight.find(({ id }) => id === `train[${model},0]`)!;
      await Deno.remove(`${checkout.dir}/${dir}`, { recursive: true });
      let kills = 0;
      for (const moment of ["writing", "random", "writing", "random"]) {
        const process = checkout.command("stage", `train[${model},0]`, ...args).spawn();
        const output = process.output();
        let over = false;
        output.then(() => over = true);
        const suffix = moment === "writing" ? ".new" : "checkpoint.bin";
        await until(() => over || checkpoints(checkout).some((path) => path.endsWith(suffix)), 60_000);
        if (moment === "random") await sleep(chance.below(400));
        const victim = chance.pick(["engine", "child"]);
        for (const { pid, role } of processesOf(checkout.dir)) if (role === victim && kill(pid)) kills++;
        await output;
        await quiet(checkout.dir);
      }
      assertGreater(kills, 0);
      const { code, stderr } = await checkout.task("stage", `train[${model},0]`, ...args);
      assertEquals(code, 0, stderr);
    });
  }
  const resumed = await trained(checkout, args);
  assertEquals(resumed.map(({ digest }) => digest), digests);
  const starts = await Promise.all(
    resumed.map(async ({ dir }) => JSON.parse(await checkout.read(`${dir}/run.json`)).records.resumedFrom),
  );
  assertGreater(Math.max(...starts), 0);
});

Deno.test("a checkpoint with a flipped bit is named in the record of the run and not continued", async () => {
  const chance = new Chance("checkpoint");
  await using checkout = await Checkout.create();
  const { data } = await addTinyProfile(checkout);
  const command = ["stage", "train[cnn,0]", ...RUN, "--source", data, "--checkpoint-steps", "1"];
  const process = checkout.command(...command).spawn();
  const output = process.output();
  const whole = () => checkpoints(checkout).filter((path) => path.endsWith("checkpoint.bin"));
  await until(() => whole().length > 0, 60_000);
  for (const { pid, role } of processesOf(checkout.dir)) if (role === "engine") kill(pid);
  await output;
  await quiet(checkout.dir);
  flip(whole()[0], chance.below(1 << 30));
  const { code, stdout } = await checkout.task(...command, "--json");
  assertEquals(code, 0, stdout);
  const built = stdout.trim().split("\n").map((line) => JSON.parse(line)).find(({ type, id }) =>
    type === "built" && id === "train[cnn,0]"
  );
  const { records } = JSON.parse(await checkout.read(`${built.dir}/run.json`));
  assertEquals(typeof records.checkpointIgnored, "string");
});
