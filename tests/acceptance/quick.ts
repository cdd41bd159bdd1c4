/**
 * The quick profile on real CIFAR-10, as the README tells a reader to run it, in a copy of the repository: what it
 * builds, what a second run, a comment and an edit rebuild. Fetches the data set; takes about ten minutes on two cores.
 *
 * @module
 */
import { assert, assertEquals, assertLess } from "@std/assert";
import quick from "../../profiles/quick.json" with { type: "json" };
import { Checkout } from "../support/checkout.ts";

const minutes = 60_000; // ms
const probes = Object.keys(quick.models).map(() => "probe");

/** What describe --times --json says, as far as it is used here. */
interface Estimated {
  readonly seconds: number;
  readonly share: number;
  readonly tasks: readonly { readonly id: string; readonly stage: string; readonly seconds?: number }[];
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

/** Prints measured ÷ estimated seconds of every stage; returns that of the whole, which took `seconds`. */
async function compare(checkout: Checkout, estimated: Estimated, seconds: number): Promise<number> {
  const took = new Map((await runs(checkout)).map((run) => [run.task as string, run.seconds as number]));
  const known = estimated.tasks.filter((task) => task.seconds !== undefined);
  for (const stage of new Set(known.map(({ stage }) => stage))) {
    const tasks = known.filter((task) => task.stage === stage);
    const [expected, found] = [
      tasks.reduce((sum, task) => sum + task.seconds!, 0),
      tasks.reduce((sum, { id }) => sum + took.get(id)!, 0),
    ];
    console.log(
      `${stage}: ${expected.toFixed(1)} s estimated, took ${found.toFixed(1)} s, ${
        (found / expected).toFixed(2)
      } times as long`,
    );
  }
  const ratio = seconds / estimated.seconds;
  console.log(
    `all: ${estimated.seconds.toFixed(0)} s estimated (with ${
      Math.round(100 * estimated.share)
    }% of a core), took ${seconds.toFixed(0)} s, ${ratio.toFixed(2)} times as long`,
  );
  return ratio;
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

  await t.step("describe estimates every task but the download", async () => {
    const { stdout } = await checkout.task("describe", "--times", "--json");
    estimated = JSON.parse(stdout) as Estimated;
    const unknown = estimated.tasks.filter(({ seconds }) => seconds === undefined).map(({ id }) => id);
    assertEquals(unknown, ["download"]);
  });

  await t.step(
    "reproduce builds every task and the report, in at most 10 minutes after the download",
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
      assertLess(took, 10 * minutes);
      const ratio = await compare(checkout, estimated!, took / 1000), { share } = estimated!;
      // On idle cores it is 0.7 to 1.3. What other work takes of them is no part of the estimate, and may begin after it.
      assertLess(0.6, ratio);
      assertLess(ratio, 1.7 / share);
    },
  );

  await t.step("a second run builds nothing", async () => {
    assertEquals((await checkout.reproduce()).built, []);
  });

  await t.step("a no-op takes less than 0.6 s, at best of ten", async () => {
    const times: number[] = [];
    for (let run = 0; run < 10; run++) {
      const start = performance.now();
      await checkout.reproduce();
      times.push(elapsed(start));
    }
    times.sort((a, b) => a - b);
    console.log(`no-op: ${times.map((time) => time.toFixed(0)).join(", ")} ms`);
    assertLess(times[0], 600);
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
