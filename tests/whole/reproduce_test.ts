/**
 * The whole workflow through the commands of the README, in real child processes, on generated images.
 *
 * @module
 */
import { assert, assertEquals, assertGreater, assertMatch, assertStringIncludes } from "@std/assert";
import { Checkout } from "../fixtures/checkout.ts";
import { addTinyProfile } from "../fixtures/tiny_profile.ts";

interface StatusLine {
  readonly id: string;
  readonly state: string;
  readonly digest: string | null;
  readonly dir: string;
}

const stagesOf = (ids: readonly string[]) => [...new Set(ids.map((id) => id.replace(/\[.*/, "")))];

async function statusOf(checkout: Checkout): Promise<readonly StatusLine[]> {
  const { stdout } = await checkout.task("status", "--profile", "tiny", "--json");
  return JSON.parse(stdout);
}

/** Digest by task. */
async function digestsOf(checkout: Checkout): Promise<Record<string, string | null>> {
  return Object.fromEntries((await statusOf(checkout)).map(({ id, digest }) => [id, digest]));
}

Deno.test("the whole workflow", async (t) => {
  await using checkout = await Checkout.create();
  const { data } = await addTinyProfile(checkout);
  const tiny = ["--profile", "tiny", "--source", data];

  await t.step("before a run every task is missing and has no digest", async () => {
    for (const { state, digest } of await statusOf(checkout)) {
      assertEquals([state, digest], ["missing", null]);
    }
  });

  await t.step("reproduce builds 36 tasks and the report", async () => {
    const { built, fresh, failed } = await checkout.reproduce(...tiny);
    assertEquals([built.length, fresh, failed], [36, [], []]);
    const report = await checkout.read("reports/tiny/REPORT.md");
    assertMatch(report.split("\n")[0], /do not test the paper's claim/);
    assertEquals(report.includes("{{"), false);
    for (const [, path] of report.matchAll(/\]\((figures\/[^)]+|table1\.csv)\)/g)) {
      assert((await Deno.stat(`${checkout.dir}/reports/tiny/${path}`)).size > 0, path);
    }
  });

  await t.step("a second run builds nothing", async () => {
    assertEquals((await checkout.reproduce(...tiny)).built, []);
  });

  await t.step("a comment builds nothing, wherever it stands", async () => {
    for (const path of ["stages/train/run.ts", "treenet/loss.ts", "treenet/ops/geometry.ts"]) {
      await Deno.writeTextFile(`${checkout.dir}/${path}`, `// A remark.\n${await checkout.read(path)}`);
    }
    assertEquals((await checkout.reproduce(...tiny)).built, []);
  });

  await t.step("a constant in a helper rebuilds what can reach it, and why names the module", async () => {
    await checkout.edit("treenet/umap/layout.ts", "random(", "random(1 + ");
    const { stdout } = await checkout.task("why", "umap[cnn,0]", "--profile", "tiny");
    assertStringIncludes(stdout, "treenet/umap/layout.ts");
    assertEquals(stagesOf((await checkout.reproduce(...tiny)).built), ["umap", "report"]);
  });

  await t.step("an edit that leaves probe's bytes equal stops at probe", async () => {
    const text = await checkout.read("stages/probe/run.ts");
    await Deno.writeTextFile(`${checkout.dir}/stages/probe/run.ts`, `${text}\nexport const unused = 1;\n`);
    assertEquals(stagesOf((await checkout.reproduce(...tiny)).built), ["probe"]);
  });

  await t.step("a damaged file is named by verify and its artifact is built again", async () => {
    const before = await digestsOf(checkout);
    const probe = (await statusOf(checkout)).find(({ id }) => id === "probe[cnn,0]")!;
    const path = `${checkout.dir}/${probe.dir}/predictions.npy`;
    const bytes = await Deno.readFile(path);
    bytes[bytes.length - 1] ^= 1;
    await Deno.writeFile(path, bytes);
    const verified = await checkout.task("verify");
    assertEquals(verified.code, 1);
    assertStringIncludes(verified.stdout + verified.stderr, "predictions.npy");
    assertEquals((await checkout.reproduce(...tiny)).built, ["probe[cnn,0]"]);
    assertEquals(await digestsOf(checkout), before);
  });

  await t.step("the same seed in another checkout gives the same digest of every task", async () => {
    await using other = await Checkout.create();
    const source = (await addTinyProfile(other)).data;
    await other.edit("treenet/umap/layout.ts", "random(", "random(1 + ");
    await other.reproduce("--profile", "tiny", "--source", source, "--jobs", "1");
    const [ours, theirs] = [await digestsOf(checkout), await digestsOf(other)];
    assertEquals(theirs, ours);
  });

  await t.step("a run that was killed goes on to the same weights", async () => {
    const long = ["train[avg-join,0]", ...tiny, "--set", "train.epochs=40", "--json"];
    assertEquals((await checkout.task("stage", ...long)).code, 0);
    const straight = await trained(checkout, 40);
    await Deno.remove(`${checkout.dir}/${straight.dir}`, { recursive: true });

    const killed = checkout.command("stage", ...long).spawn();
    await checkpointIn(checkout);
    Deno.kill(JSON.parse(await checkout.read("artifacts/.lock")).pid, "SIGKILL");
    assertEquals((await killed.output()).success, false);
    assertEquals((await trained(checkout, 40)).state, "stale");
    const again = await checkout.task("stage", ...long);
    assertEquals(again.code, 0, again.stderr);
    const resumed = await trained(checkout, 40);
    assertEquals(resumed.digest, straight.digest);
    const { records } = JSON.parse(await checkout.read(`${resumed.dir}/run.json`));
    assertGreater(records.resumedFrom, 0);
  });
});

async function trained(checkout: Checkout, epochs: number): Promise<StatusLine> {
  const { stdout } = await checkout.task(
    ...["status", "--profile", "tiny", "--json", "--set", `train.epochs=${epochs}`],
  );
  return (JSON.parse(stdout) as StatusLine[]).find(({ id }) => id === "train[avg-join,0]")!;
}

/** Waits for a training to have saved its state: its file takes its name when it is whole. */
async function checkpointIn(checkout: Checkout): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    for await (const folder of Deno.readDir(`${checkout.dir}/artifacts/.scratch`)) {
      if (!folder.isDirectory) continue;
      const files = [...Deno.readDirSync(`${checkout.dir}/artifacts/.scratch/${folder.name}`)];
      if (files.some(({ name }) => name === "checkpoint.bin")) return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("no checkpoint appeared within 30 s");
}
