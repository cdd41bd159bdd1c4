import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import type { Report } from "../../../../workflow/commands/doctor/check.ts";
import { Checkout } from "../../../fixtures/checkout.ts";
import { fakeCompiler, fakeInstallation, fakePip, Home } from "../../../tensorflow/home.ts";

async function report(home: Home): Promise<{ readonly code: number; readonly report: Report }> {
  const { code, stdout } = await home.run(["doctor", "--json"]);
  return { code, report: JSON.parse(stdout) };
}

Deno.test("on a bare machine the doctor names what is missing with the next step, and the default backend runs", async () => {
  await using home = await Home.create();
  const { code, report: { checks, auto, default: standard } } = await report(home);
  const of = (name: string) => checks.find((check) => check.name === name)!;
  assertEquals(code, 0);
  assertEquals(standard, { backend: "wasm", runs: true });
  assertEquals([of("C++ compiler").state, of("pip").state], ["missing", "missing"]);
  assertStringIncludes(of("C++ compiler").next!, "apt install g++");
  assertStringIncludes(of("pip").next!, "apt install python3-pip");
  assertEquals([of("TensorFlow").state, of("TensorFlow").next], ["missing", "deno task setup:tensorflow"]);
  assertEquals(auto.backend, "wasm");
  for (const check of checks) {
    assertEquals(check.next === undefined, ["ok", "note"].includes(check.state), check.name);
  }
});

Deno.test("the doctor prints what it found as a table, and what auto would take", async () => {
  await using home = await Home.create({
    "c++": fakeCompiler("exit 1"),
    python3: fakePip("exit 1"),
    "nvidia-smi": "echo 'NVIDIA Test, 550.1'",
  });
  const { stdout } = await home.run(["doctor"]);
  assertStringIncludes(stdout, "NVIDIA Test, driver 550.1");
  assertStringIncludes(stdout, "c++ (Fake) 12.2.0");
  assertStringIncludes(stdout, "pip 24.0 (python 3.11)");
  assertStringIncludes(
    stdout,
    '--backend auto takes wasm: TensorFlow is not set up, "deno task setup:tensorflow" does so',
  );
});

Deno.test("the doctor names every damaged file of an installation", async () => {
  await using home = await Home.create();
  const dir = await fakeInstallation(home);
  await Deno.writeTextFile(join(dir, "lib/tensorflow/libtensorflow_cc.so.2"), "lib");
  await Deno.mkdir(join(home.cache, "gpu-1.0.0-0"));
  const { report: { checks, auto } } = await report(home);
  const found = checks.filter(({ state }) => state === "damaged");
  assertEquals(found.map(({ found }) => found), [
    "lib/tensorflow/libtensorflow_cc.so.2 has 3 bytes of 7",
    `its record cannot be read, in ${join(home.cache, "gpu-1.0.0-0")}`,
  ]);
  assertEquals(found[0].next, "deno task setup:tensorflow --variant cpu");
  assertEquals(auto.backend, "wasm");
});

Deno.test("of an installation that is sound and does not load, or that another build made, the doctor says to remove it", async () => {
  await using home = await Home.create();
  const dir = await fakeInstallation(home);
  const next = async () =>
    (await report(home)).report.checks.find(({ name }) => name.startsWith("cpu-"))?.next;
  assertEquals(await next(), `remove ${dir}, then deno task setup:tensorflow --variant cpu`);
  const record = JSON.parse(await Deno.readTextFile(join(dir, "installation.json")));
  await Deno.writeTextFile(
    join(dir, "installation.json"),
    JSON.stringify({ ...record, build: "000000000000" }),
  );
  await Deno.remove(join(dir, "tfjs_binding.node"));
  assertEquals(await next(), `remove ${dir}, this checkout has no use for it`);
});

Deno.test("the doctor's exit code is 1 where the default backend does not run", async () => {
  await using home = await Home.create();
  await using checkout = await Checkout.create();
  await Deno.writeTextFile(join(checkout.dir, "treenet/ops/wasm/kernel/kernel.wasm"), "damage");
  const { code, stdout } = await home.run(["doctor", "--json"], { root: checkout.dir });
  const { checks, default: standard }: Report = JSON.parse(stdout);
  assertEquals([code, standard], [1, { backend: "wasm", runs: false }]);
  assert(checks.some(({ name, state, next }) => name === "backend wasm" && state === "damaged" && next));
});
