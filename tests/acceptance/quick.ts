/**
 * The quick profile on real CIFAR-10, as the README tells a reader to run it, in a copy of the repository: what it
 * builds, what a second run, a comment and an edit rebuild. Fetches the data set; takes about ten minutes on two cores.
 *
 * @module
 */
import { assert, assertEquals, assertLess } from "@std/assert";
import quick from "../../profiles/quick.json" with { type: "json" };
import { Checkout } from "../fixtures/checkout.ts";

const probes = Object.keys(quick.models).map(() => "probe");

/** The fields of describe --times --json that are used here. */
interface Estimated {
  readonly seconds: number;
  readonly tasks: readonly { readonly id: string; readonly stage: string; readonly seconds: number | null }[];
}

interface StatusLine {
  readonly id: string;
  readonly dir: string;
}

/** run.json of every task. */
async function runs(checkout: Checkout) {
  const { stdout } = await checkout.task("status", "--json");
  const lines = JSON.parse(stdout) as StatusLine[];
  return await Promise.all(lines.map(async ({ dir }) => JSON.parse(await checkout.read(`${dir}/run.json`))));
}

/** Prints seconds estimated and taken, of every stage and of the whole, which took `seconds`. */
async function compare(checkout: Checkout, estimated: Estimated, seconds: number): Promise<void> {
  const took = new Map((await runs(checkout)).map((run) => [run.task as string, run.seconds as number]));
  for (const [stage, tasks = []] of Object.entries(Object.groupBy(estimated.tasks, ({ stage }) => stage))) {
    say(
      stage,
      tasks.reduce((sum, task) => sum + task.seconds!, 0),
      tasks.reduce((sum, { id }) => sum + took.get(id)!, 0),
    );
  }
  say("all", estimated.seconds, seconds);
}

function say(what: string, estimated: number, taken: number): void {
  const ratio = (taken / estimated).toFixed(2);
  console.log(
    `${what}: ${estimated.toFixed(1)} s estimated, took ${taken.toFixed(1)} s, ${ratio} times as long`,
  );
}

async function secondsOf(checkout: Checkout, task: string): Promise<number> {
  return (await runs(checkout)).find((run) => run.task === task).seconds;
}

/** MiB, of the process tree of the task that needed most. */
async function peakMemory(checkout: Checkout): Promise<number> {
  return Math.round(Math.max(...(await runs(checkout)).map((run) => run.peakMemory ?? 0)) / 2 ** 20);
}

function elapsed(since: number): number {
  return performance.now() - since;
}

Deno.test("the quick profile reproduces the paper on real CIFAR-10", async (t) => {
  await using checkout = await Checkout.create();
  let estimated: Estimated | undefined;

  await t.step("describe estimates every task", async () => {
    const { stdout } = await checkout.task("describe", "--times", "--json");
    estimated = JSON.parse(stdout) as Estimated;
    assertEquals(estimated.tasks.filter(({ seconds }) => seconds === null), []);
  });

  await t.step(
    "reproduce builds every task and the report",
    async () => {
      const start = performance.now();
      const { built, failed } = await checkout.reproduce();
      const took = elapsed(start) - 1000 * await secondsOf(checkout, "download");
      console.log(
        `quick profile: ${(took / 1000).toFixed(0)} s, ${await peakMemory(checkout)} MiB at most in a task`,
      );
      assertEquals(failed, []);
      assert(built.includes("report"));
      for (const figure of ["figure2.png", "figure5.png", "curves.png"]) {
        assertLess(10_000, (await Deno.stat(`${checkout.dir}/reports/quick/figures/${figure}`)).size);
      }
      await compare(checkout, estimated!, took / 1000);
    },
  );

  await t.step("a second run builds nothing", async () => {
    assertEquals((await checkout.reproduce()).built, []);
  });

  await t.step("times of a no-op are printed", async () => {
    const times: number[] = [];
    for (let run = 0; run < 5; run++) {
      const start = performance.now();
      assertEquals((await checkout.reproduce()).built, []);
      times.push(elapsed(start));
    }
    console.log(`no-op: ${times.map((time) => time.toFixed(0)).join(", ")} ms`);
  });

  await t.step("the store verifies", async () => {
    assertEquals((await checkout.task("verify")).code, 0);
  });

  await t.step("a comment builds nothing", async () => {
    const text = await checkout.read("stages/probe/run.ts");
    await Deno.writeTextFile(`${checkout.dir}/stages/probe/run.ts`, `// A remark.\n${text}`);
    assertEquals((await checkout.reproduce()).built, []);
  });

  await t.step("an edit of probe that leaves its bytes equal stops at probe", async () => {
    const text = await checkout.read("stages/probe/run.ts");
    await Deno.writeTextFile(`${checkout.dir}/stages/probe/run.ts`, `${text}\nexport const unused = 1;\n`);
    const { built } = await checkout.reproduce();
    assertEquals(built.map((id) => id.replace(/\[.*/, "")), probes);
  });

  await t.step("an edit of probe that changes its output rebuilds probe and the report", async () => {
    await checkout.edit("stages/probe/run.ts", "random: untrained.result", "random: own.result");
    const { built } = await checkout.reproduce();
    const stages = built.map((id) => id.replace(/\[.*/, ""));
    assertEquals(stages, [...probes, "report"]);
  });
});
