/**
 * Stages that do what they must not: each is stopped with an error that says what it did, and nothing else suffers.
 *
 * @module
 */
import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { LOG_LIMIT } from "../../pipeline/child/log_file.ts";
import { Ground, namesIn } from "./support/ground.ts";
import { processesOf, quiet, until } from "./support/processes.ts";
import { SEED } from "./support/seed.ts";

console.log(`seed ${SEED} (deno task test:faults --seed ${SEED})`);

const BAD = ["--profile", "bad"];

/** Runs the stage that misbehaves in this way; only it may fail, and no process may remain. */
async function failureOf(ground: Ground, how: string, path = ""): Promise<string> {
  const settings = ["--set", `misbehave.how=${how}`, "--set", `misbehave.path=${JSON.stringify(path)}`];
  const { code, stdout, stderr } = await ground.workspace.run("reproduce", ...BAD, ...settings);
  assertEquals([code, stderr], [1, ""], stdout);
  assertMatch(stdout, /1 failed: misbehave/);
  await quiet(ground.root);
  ground.isWhole(how);
  return stdout.match(/FAILED {2}misbehave: (.*)/)![1];
}

/** A ground whose reference holds the input of the stage that misbehaves, too. */
async function groundWithInput(): Promise<Ground> {
  return await Ground.create({ also: ["stage", "source", ...BAD] });
}

Deno.test("writing elsewhere is refused: outside, in an input, in another artifact", async () => {
  await using ground = await groundWithInput();
  const outside = await Deno.makeTempFile();
  const input = ground.files().find((path) => path.endsWith("source.bin"))!;
  for (const path of [outside, input, ground.path("artifacts/extra.txt"), ground.path("deno.json")]) {
    assertStringIncludes(await failureOf(ground, "write", path), `Requires write access to "${path}"`);
  }
  assertEquals(await Deno.readTextFile(outside), "");
  await Deno.remove(outside);
});

Deno.test("reading what is not declared is refused: a file, another stage's artifact", async () => {
  await using ground = await groundWithInput();
  const other = ground.files().find((path) => path.endsWith("total.csv"))!;
  for (const path of ["/etc/hostname", other, ground.path("deno.json")]) {
    assertStringIncludes(await failureOf(ground, "read", path), `Requires read access to "${path}"`);
  }
});

Deno.test("the network is refused", async () => {
  await using ground = await groundWithInput();
  assertStringIncludes(await failureOf(ground, "dial"), "Requires net access");
});

Deno.test("starting a process is refused, and a worker ends with its stage", async () => {
  await using ground = await groundWithInput();
  assertStringIncludes(await failureOf(ground, "spawn"), "Requires run access");
  const { built } = await ground.workspace.reproduce(...BAD, "--set", "misbehave.how=worker");
  assertEquals(built, ["misbehave"]);
  await quiet(ground.root);
});

Deno.test("ending well without an output is a failure that names it", async () => {
  await using ground = await groundWithInput();
  assertEquals(
    await failureOf(ground, "forget"),
    "Cannot publish misbehave: its output done.txt is missing, the stage must write it",
  );
});

for (
  const { how, what } of [{ how: "print", what: "short lines" }, { how: "roar", what: "one endless line" }]
) {
  Deno.test(`a stage that prints 300 MB in ${what} keeps its first 64 MiB, and the engine stays small`, async () => {
    await using ground = await groundWithInput();
    const run = ground.workspace.spawn("reproduce", "--json", ...BAD, "--set", `misbehave.how=${how}`);
    const output = run.output();
    let peak = 0;
    output.finally(() => clearInterval(sampling));
    const sampling = setInterval(() => {
      for (const { pid, role } of processesOf(ground.root)) {
        if (role === "engine") peak = Math.max(peak, peakOf(pid));
      }
    }, 50);
    const { code, stdout } = await output;
    assertEquals(code, 0, new TextDecoder().decode(stdout));
    const folder = ground.path("artifacts/.logs/misbehave/main");
    const log = `${folder}/${namesIn(folder).at(-1)}`;
    const { size } = await Deno.stat(log);
    assertGreater(size, LOG_LIMIT - 1);
    assertLess(size, LOG_LIMIT + 200);
    const text = await Deno.readTextFile(log);
    assertMatch(text.slice(-200), /\(\d{9} bytes more were printed and are left out\)\n$/);
    assertLess(peak, 600e6);
    assert(peak > 0);
  });
}

/** Bytes. */
function peakOf(pid: number): number {
  try {
    const match = Deno.readTextFileSync(`/proc/${pid}/status`).match(/^VmHWM:\s+(\d+) kB/m);
    return 1024 * Number(match?.[1] ?? 0);
  } catch {
    return 0;
  }
}

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  Deno.test(`a stage that is deaf to ${signal} is ended when its engine is asked to stop`, async () => {
    await using ground = await groundWithInput();
    const engine = ground.workspace.spawn("reproduce", ...BAD, "--set", "misbehave.how=spin");
    const output = engine.output();
    const scratch = ground.path("artifacts/.scratch");
    const spins = () =>
      namesIn(scratch).some((name) => namesIn(`${scratch}/${name}`).includes("spinning.txt"));
    assert(await until(spins, 20_000));
    for (const { pid, role } of processesOf(ground.root)) if (role === "child") Deno.kill(pid, "SIGTERM");
    engine.kill(signal);
    const { code, stdout } = await output;
    assertEquals(code, 1);
    assertStringIncludes(new TextDecoder().decode(stdout), "run the same command again to go on");
    await quiet(ground.root);
    ground.isWhole("after a deaf stage");
  });
}
