/**
 * The real library: set up in the user's own cache by the real pip and compiler, then moved, damaged, linked and used.
 * Run by `deno task test:tensorflow`; skipped, by name, where the library cannot be had.
 *
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { prove } from "../../workflow/backends/tensorflow/prove.ts";
import { ignore, installed, setUp, setup as first, task } from "./installed.ts";

Deno.test({ name: "TensorFlow is set up from the CPU wheel", ignore }, () => {
  assertEquals(first.code, 0, first.stderr);
  assertStringIncludes(first.stdout, "TensorFlow 2.21.0 (cpu) is");
});

Deno.test({ name: "a second setup has nothing to do: it neither fetches nor compiles", ignore }, async () => {
  const { code, stdout } = await setUp();
  assertEquals(code, 0);
  assertStringIncludes(stdout, "is already set up");
  assertEquals(/^(fetch|unpack|link|compile)/m.exec(stdout), null);
});

Deno.test(
  { name: "the addon finds its library wherever both are moved, without LD_LIBRARY_PATH", ignore },
  async () => {
    const installation = await installed();
    const elsewhere = await Deno.makeTempDir({ prefix: "moved-" });
    try {
      await Deno.copyFile(installation.library, join(elsewhere, "tfjs_binding.node"));
      await Deno.symlink(join(installation.dir, "lib"), join(elsewhere, "lib"));
      const { tensorflow, device } = await prove(join(elsewhere, "tfjs_binding.node"));
      assertEquals([tensorflow, device], ["2.21.0", "cpu"]);
    } finally {
      await Deno.remove(elsewhere, { recursive: true });
    }
  },
);

Deno.test({ name: "another library in LD_LIBRARY_PATH is not the one that is loaded", ignore }, async () => {
  const { library } = await installed(), elsewhere = await Deno.makeTempDir({ prefix: "other-" });
  const before = Deno.env.get("LD_LIBRARY_PATH");
  try {
    for (const name of ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"]) {
      await Deno.writeTextFile(join(elsewhere, name), "no library");
    }
    Deno.env.set("LD_LIBRARY_PATH", elsewhere);
    assertEquals((await prove(library)).tensorflow, "2.21.0");
  } finally {
    if (before === undefined) Deno.env.delete("LD_LIBRARY_PATH");
    else Deno.env.set("LD_LIBRARY_PATH", before);
    await Deno.remove(elsewhere, { recursive: true });
  }
});

Deno.test({
  name: "a library that is already here is linked in place, damaged, found out, and linked again",
  ignore,
}, async () => {
  const installation = await installed();
  const folder = join(installation.dir, "lib/tensorflow");
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
  const installation = await installed();
  const folder = join(installation.dir, "lib/tensorflow");
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
