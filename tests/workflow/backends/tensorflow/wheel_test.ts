import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { unpackWheel } from "../../../../workflow/backends/tensorflow/install/wheel.ts";
import { WHEEL, writeWheel } from "../../../tensorflow/home.ts";

Deno.test("a program in a wheel can be run once it is unpacked, and nothing else can", async () => {
  const dir = await Deno.makeTempDir({ prefix: "wheel-" });
  try {
    const [program, header] = ["nvidia/cuda_nvcc/bin/ptxas", "tensorflow/include/tensorflow/c/c_api.h"];
    const wheel = join(dir, "a.whl");
    await writeWheel(wheel, { ...WHEEL, [program]: "#!/bin/sh" }, { programs: [program] });
    await unpackWheel(wheel, {
      to: join(dir, "to"),
      wanted: (name) => name === program || name === header,
      read: ".dist-info/METADATA",
    });
    const mode = async (name: string) => (await Deno.stat(join(dir, "to", name))).mode! & 0o111;
    assertEquals([await mode(program), await mode(header)], [0o111, 0]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
