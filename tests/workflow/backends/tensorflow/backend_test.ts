import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { nativeLibraries } from "../../../../pipeline/backend.ts";
import { openEngine } from "../../../../pipeline/plan/engine.ts";
import { pipeline } from "../../../../workflow/mod.ts";
import { damageIn, readInstallation } from "../../../../workflow/backends/tensorflow/installation.ts";
import { CacheVariable, fakeInstallation, Home } from "../../../tensorflow/home.ts";

Deno.test("where it is not set up, the tensorflow backend names the command that does so", async () => {
  await using home = await Home.create();
  const { code, stdout, stderr } = await home.run(["status", "--backend", "tensorflow"]);
  assertEquals([code, stdout], [1, ""]);
  assertEquals(
    stderr,
    'Cannot use backend tensorflow: it is not set up here, run "deno task setup:tensorflow"\n',
  );
  const auto = await home.run(["reproduce", "--backend", "auto", "--dry-run"]);
  assertStringIncludes(
    auto.stdout,
    'backend wasm: TensorFlow is not set up, "deno task setup:tensorflow" does so',
  );
});

Deno.test("a damaged installation is not used", async () => {
  await using home = await Home.create();
  const dir = await fakeInstallation(home);
  await Deno.truncate(join(dir, "tfjs_binding.node"), 2);
  const { code, stderr } = await home.run(["status", "--backend", "tensorflow"]);
  assertEquals(code, 1);
  assertStringIncludes(
    stderr,
    `in ${dir} tfjs_binding.node has 2 bytes of 5, run "deno task setup:tensorflow --variant cpu"`,
  );
});

Deno.test("an installation that another build made, or whose folder is gone, is not in use", async () => {
  await using home = await Home.create();
  const dir = await fakeInstallation(home);
  const pointer = home.installations().find((name) => name.startsWith("current-"))!;
  for (const name of ["../elsewhere", "cpu-gone", ""]) {
    await Deno.writeTextFile(join(home.cache, pointer), name);
    assertStringIncludes(
      (await home.run(["status", "--backend", "tensorflow"])).stderr,
      "it is not set up here",
    );
  }
  await Deno.rename(join(home.cache, pointer), join(home.cache, "current-000000000000"));
  assertEquals((await readInstallation(dir))?.tensorflow, "2.21.0");
  assertStringIncludes(
    (await home.run(["status", "--backend", "tensorflow"])).stderr,
    "it is not set up here",
  );
});

Deno.test("on the tensorflow backend the stages that compute tensors load its addon, and no others", async () => {
  await using home = await Home.create();
  const dir = await fakeInstallation(home);
  using _ = new CacheVariable(home);
  const engine = await openEngine(pipeline, { profile: "quick", backend: "tensorflow" });
  assertEquals(engine.environment, {
    backend: "tensorflow 4.22.0 (libtensorflow 2.21.0)",
    device: "cpu",
    fma: "yes",
    deno: Deno.version.deno,
  });
  const native = engine.tasks.filter(({ stage }) => nativeLibraries(stage, engine.backend).length > 0);
  assertEquals(
    [...new Set(native.map(({ stage }) => stage.name))].sort(),
    ["controls", "curve", "ema-teacher", "ensemble", "layer-probe", "saliency", "train"],
  );
  assertEquals(engine.backend.library, join(dir, "tfjs_binding.node"));
  assertEquals([engine.strict, engine.choice], [true, undefined]);
  const auto = await openEngine(pipeline, { profile: "quick", backend: "auto" });
  assertEquals([auto.backend.name, auto.strict], ["tensorflow", false]);
  const standard = await openEngine(pipeline, { profile: "quick" });
  assertEquals([standard.backend.name, standard.backend.library, standard.strict], [
    "wasm",
    undefined,
    false,
  ]);
});

Deno.test("damage is found file by file; bytes changed at the same size and time only by hashing", async () => {
  await using home = await Home.create();
  const installation = (await readInstallation(await fakeInstallation(home)))!;
  assertEquals(await damageIn(installation, { rehash: true }), []);
  const library = join(installation.dir, "lib/tensorflow/libtensorflow_cc.so.2");
  const { mtime } = await Deno.stat(library);
  await Deno.writeTextFile(library, "LIBRARY");
  assertEquals(await damageIn(installation), [
    "lib/tensorflow/libtensorflow_cc.so.2 differs from its digest",
  ]);
  await Deno.utime(library, mtime!, mtime!);
  assertEquals(await damageIn(installation), []);
  assertEquals((await damageIn(installation, { rehash: true })).length, 1);
  await Deno.remove(installation.library);
  assertEquals(await damageIn(installation), ["tfjs_binding.node is gone"]);
});
