/**
 * The whole workflow on the tensorflow backend, in a copy of the repository: at a tiny size for what the engine promises,
 * then the quick profile on real CIFAR-10. Run by `deno task test:tensorflow`; skipped, by name, where the library cannot
 * be had.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { exists } from "../../pipeline/base/files.ts";
import { type Npy, readNpy } from "../../formats/npy.ts";
import { Checkout } from "../fixtures/checkout.ts";
import { addTinyProfile } from "../fixtures/tiny_profile.ts";
import { ignore } from "./installed.ts";

/** Stages that compute tensors. */
const NUMERIC = ["train", "ema-teacher", "layer-probe", "ensemble", "curve", "saliency", "controls"];

interface StatusLine {
  readonly id: string;
  readonly stage: string;
  readonly dir: string;
}

/** Folder of every task's artifact. */
async function folders(checkout: Checkout, ...flags: string[]): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await checkout.task("status", "--json", ...flags);
  return new Map((JSON.parse(stdout) as StatusLine[]).map(({ id, dir }) => [id, `${checkout.dir}/${dir}`]));
}

/** Comparison of one array between two backends. */
interface Compared {
  readonly measure: string;
  readonly value: number;
  readonly good: boolean;
}

type Compare = (found: Npy, expected: Npy) => Compared;

/** ‖found − expected‖ ÷ ‖expected‖. */
const close = (most: number): Compare => (found, expected) => {
  assertEquals(found.shape, expected.shape);
  let [off, norm] = [0, 0];
  expected.data.forEach((value, i) => {
    off += (Number(found.data[i]) - Number(value)) ** 2;
    norm += Number(value) ** 2;
  });
  const value = Math.sqrt(off / norm);
  return { measure: "relative distance", value, good: value <= most };
};

/** Share of classes that are named alike. */
const alike = (least: number): Compare => (found, expected) => {
  assertEquals(found.shape, expected.shape);
  let same = 0;
  expected.data.forEach((value, i) => same += Number(value === found.data[i]));
  const value = expected.data.length === 0 ? 1 : same / expected.data.length; // none of nets with one leaf
  return { measure: "alike", value, good: value >= least };
};

/** Comparisons of each stage that computes tensors, and of probe, which judges their outputs. */
const COMPARED: Readonly<Record<string, Readonly<Record<string, Compare>>>> = {
  "ema-teacher": {
    "random_features_test.npy": close(5e-4),
    "random_leaves_test.npy": close(1e-4),
    "features_test.npy": close(1e-3),
    "leaves_test.npy": close(1e-3),
  },
  "probe": { "predictions.npy": alike(0.9) },
  "layer-probe": { "predictions.npy": alike(0.9) },
  "ensemble": { "predictions.npy": alike(0.9) },
  "curve": { "predictions.npy": alike(0.9) },
  "saliency": { "maps.npy": close(1e-2) },
  "controls": { "predictions.npy": alike(0.9) },
};

async function records(checkout: Checkout, name: string, ...flags: string[]) {
  const { stdout } = await checkout.task("status", "--json", ...flags);
  const lines = JSON.parse(stdout) as StatusLine[];
  return await Promise.all(
    lines.map(async ({ stage, dir }) => ({
      stage,
      record: JSON.parse(await checkout.read(`${dir}/${name}`)),
    })),
  );
}

Deno.test({ name: "the tiny profile on tensorflow", ignore }, async (t) => {
  await using checkout = await Checkout.create();
  const { data } = await addTinyProfile(checkout);
  const profile = ["--profile", "tiny", "--source", data];
  const tensorflow = [...profile, "--backend", "tensorflow"];

  await t.step("every task is built, and the report", async () => {
    const { built, failed } = await checkout.reproduce(...tensorflow);
    assertEquals(failed, []);
    assert(built.includes("report"));
  });

  await t.step("keys name the library, run.json says who left the sandbox", async () => {
    const flags = ["--profile", "tiny"];
    for (const { stage, record } of await records(checkout, "artifact.json", ...flags)) {
      const { backend, device } = record.key.environment;
      const expected = NUMERIC.includes(stage)
        ? /^tensorflow 4\.22\.0 \(libtensorflow 2\.\d+\.\d+\)$/
        : /^undefined$/;
      assert(expected.test(String(backend)), `${stage}: ${backend} on ${device}`);
    }
    for (const { stage, record } of await records(checkout, "run.json", ...flags)) {
      assertEquals(record.sandboxed, !NUMERIC.includes(stage), stage);
    }
  });

  await t.step("what it made serves without a flag, and is made anew where wasm is demanded", async () => {
    assertEquals((await checkout.reproduce(...tensorflow)).built, []);
    assertEquals((await checkout.reproduce(...profile)).built, []);
    assertEquals((await checkout.reproduce(...profile, "--backend", "auto")).built, []);
    const { stdout } = await checkout.task("reproduce", ...profile, "--backend", "wasm", "--dry-run");
    assertStringIncludes(stdout, "train[cnn,0]: environment changed: backend tensorflow 4.22.0");
  });

  await t.step("every stage comes to what wasm comes to, but for rounding", async () => {
    await using other = await Checkout.create();
    const { data } = await addTinyProfile(other);
    const wasm = ["--profile", "tiny", "--source", data, "--backend", "wasm"];
    assertEquals((await other.reproduce(...wasm)).failed, []);
    const flags = (backend: string) => ["--profile", "tiny", "--backend", backend];
    const [ours, theirs] = [
      await folders(checkout, ...flags("tensorflow")),
      await folders(other, ...flags("wasm")),
    ];
    for (const [id, folder] of ours) {
      for (const [file, compare] of Object.entries(COMPARED[id.replace(/\[.*/, "")] ?? {})) {
        const paths = [folder, theirs.get(id)!].map((dir) => `${dir}/${file}`);
        if (!await exists(paths[1])) continue; // of nets with one leaf
        const found = compare(await readNpy(paths[0]), await readNpy(paths[1]));
        console.log(`${id}, ${file}: ${found.measure} ${found.value.toPrecision(2)}`);
        assert(found.good, `${id}, ${file}: ${found.measure} ${found.value}`);
      }
    }
  });

  await t.step("its JavaScript is confined: an undeclared read is refused", async () => {
    await checkout.edit(
      "stages/train/run.ts",
      "  const encoder = buildEncoder(",
      '  await Deno.readTextFile("/etc/hostname");\n  const encoder = buildEncoder(',
    );
    const { code, stdout } = await checkout.task("stage", "train[cnn,0]", ...tensorflow);
    assertEquals(code, 1);
    assertStringIncludes(stdout, 'Requires read access to "/etc/hostname"');
  });
});

Deno.test(
  { name: "a tree of the quick profile on tensorflow, on real CIFAR-10", ignore },
  async () => {
    await using checkout = await Checkout.create();
    const quick = JSON.parse(await Deno.readTextFile(`${checkout.dir}/profiles/quick.json`));
    const models = { "dense-join": quick.models["dense-join"] };
    await Deno.writeTextFile(`${checkout.dir}/profiles/tree.json`, JSON.stringify({ ...quick, models }));
    const { built, failed } = await checkout.reproduce("--backend", "tensorflow", "--profile", "tree");
    assertEquals(failed, []);
    assert(built.includes("report"));
  },
);
