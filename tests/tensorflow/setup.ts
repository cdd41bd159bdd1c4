/**
 * The real library: set up in the user's own cache by the real pip and compiler, then moved, damaged, linked and used.
 * Run by `deno task test:tensorflow`; skipped, by name, where the library cannot be had.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { findTensorflow } from "../../stages/tensorflow/backend.ts";
import { prove } from "../../stages/tensorflow/proof.ts";
import { ignore, setup as first, task } from "./installed.ts";

Deno.test({ name: "TensorFlow is set up from the CPU wheel", ignore }, () => {
  assertEquals(first.code, 0, first.stderr);
  assertStringIncludes(first.stdout, "TensorFlow 2.21.0 (cpu) is");
});

Deno.test({ name: "a second setup has nothing to do, and does not take long", ignore }, async () => {
  const start = performance.now();
  const { code, stdout } = await task(["setup:tensorflow", "--variant", "cpu"]);
  assertEquals(code, 0);
  assertStringIncludes(stdout, "is already set up");
  // About 1 s, most of it hashing 853 MB; the rest is for cold caches and machines that are busy. A setup takes longer.
  assert(performance.now() - start < 30_000);
});

Deno.test(
  { name: "the addon finds its library wherever both are moved, without LD_LIBRARY_PATH", ignore },
  async () => {
    const found = await findTensorflow();
    assert(found.type === "ready");
    const elsewhere = await Deno.makeTempDir({ prefix: "moved-" });
    try {
      await Deno.copyFile(found.installation.library, join(elsewhere, "tfjs_binding.node"));
      await Deno.symlink(join(found.installation.dir, "lib"), join(elsewhere, "lib"));
      const { tensorflow, device } = await prove(join(elsewhere, "tfjs_binding.node"));
      assertEquals([tensorflow, device], ["2.21.0", "cpu"]);
    } finally {
      await Deno.remove(elsewhere, { recursive: true });
    }
  },
);

Deno.test({
  name: "a library that is already here is linked in place, damaged, found out, and linked again",
  ignore,
}, async () => {
  const found = await findTensorflow();
  assert(found.type === "ready");
  const folder = join(found.installation.dir, "lib/tensorflow");
  const cache = await Deno.makeTempDir({ prefix: "cache-" });
  try {
    const setup = ["setup:tensorflow", "--libtensorflow", folder];
    const { code, stdout, stderr } = await task(setup, cache);
    assertEquals(code, 0, stderr);
    const dir = stdout.match(/TensorFlow 2\.21\.0 \(own\) is set up, computes on cpu: (\S+)/)![1];
    assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name).sort(), [
      "installation.json",
      "tfjs_binding.node",
    ]);
    assertStringIncludes((await task(setup, cache)).stdout, "is already set up");

    await Deno.writeTextFile(join(dir, "tfjs_binding.node"), "damage");
    const doctor = await task(["doctor"], cache);
    assertStringIncludes(doctor.stdout, "tfjs_binding.node has 6 bytes of");
    assertStringIncludes(doctor.stdout, `deno task setup:tensorflow --libtensorflow ${folder}`);
    const again = await task(setup, cache);
    assertStringIncludes(again.stdout, "tfjs_binding.node has 6 bytes of");
    assertStringIncludes(again.stdout, "is set up, computes on cpu");
    assertStringIncludes((await task(["doctor"], cache)).stdout, "in use, computes on cpu");
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
});

Deno.test({ name: "the C library's own layout is linked too", ignore }, async () => {
  const found = await findTensorflow();
  assert(found.type === "ready");
  const folder = join(found.installation.dir, "lib/tensorflow");
  const cache = await Deno.makeTempDir({ prefix: "cache-" });
  try {
    const own = join(cache, "libtensorflow");
    await Deno.mkdir(join(own, "lib"), { recursive: true });
    await Deno.symlink(join(folder, "include"), join(own, "include"));
    for (const name of ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"]) {
      await Deno.symlink(join(folder, name), join(own, "lib", name));
    }
    await Deno.symlink("libtensorflow_cc.so.2", join(own, "lib/libtensorflow.so.2"));
    const { code, stdout, stderr } = await task(["setup:tensorflow", "--libtensorflow", own], cache);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, "TensorFlow 2.21.0 (own) is set up");
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
});
