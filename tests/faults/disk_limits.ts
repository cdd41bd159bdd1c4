/**
 * A machine that has run out of something: disk, files, memory, permission, time. Each is an error that says so, nothing
 * that was sealed is lost, and the same command succeeds once there is room.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { CHAIN, Ground } from "./support/ground.ts";
import { mount, mounting, reason, shell } from "./support/mount.ts";
import { quiet } from "./support/processes.ts";
import { Chance, SEED } from "./support/seed.ts";

console.log(`seed ${SEED} (deno task test:faults --seed ${SEED})`);

const FULL = "No space left on device (os error 28)";
const COMMAND = ["reproduce", ...CHAIN, "--jobs", "1"];

/** The workflow's command line as a line of shell. */
function line(...args: string[]): string {
  const deno = [
    Deno.execPath(),
    "run",
    "-A",
    "--quiet",
    "--cached-only",
    "tests/fixtures/workflow/mod.ts",
    ...args,
  ];
  return `exec ${deno.map((word) => `'${word}'`).join(" ")}`;
}

Deno.test("a disk that fills up at any operation is an error that says so, and costs nothing", async () => {
  await using ground = await Ground.create();
  await ground.clear();
  const trace = ground.path("trace.txt");
  await ground.runWith({ FAULT_TRACE: trace }, ...COMMAND);
  const operations = (await Deno.readTextFile(trace)).split("\n");
  const every = 6;
  const first = new Chance("full").below(every);
  for (let at = first + 1; at <= operations.length; at += every) {
    await ground.clear();
    const { code, stdout, stderr } = await ground.runWith({ FAULT_FAIL: `${at}:${FULL}` }, ...COMMAND);
    const what = `operation ${at}, ${operations[at - 1]}: ${stdout}${stderr}`;
    if (code !== 0) assertStringIncludes(stdout + stderr, FULL, what);
    assert(code === 0 || code === 1, what);
    assertEquals(/Uncaught|file:\/\/|panick/.test(stdout + stderr), false, what);
    await quiet(ground.root);
    await ground.comesBack(what);
  }
});

Deno.test({
  name: `a full tmpfs: a stage that writes more than there is room for${mounting}`,
  ignore: reason !== undefined,
  async fn() {
    await using ground = await Ground.create();
    await ground.clear();
    await Deno.mkdir(ground.path("artifacts"));
    await using _small = await mount(
      ground.path("artifacts"),
      "-t tmpfs -o size=8m tmpfs",
    ) as AsyncDisposable;
    await ground.comesBack("with room");
    for (const bytes of [20_000_000, 6_000_000]) {
      const { code, stdout, stderr } = await ground.workspace.run(
        "reproduce",
        ...CHAIN,
        "--set",
        `source.bytes=${bytes}`,
      );
      assertEquals(code, 1, stdout + stderr);
      assertStringIncludes(stdout + stderr, "No space left on device");
      await quiet(ground.root);
      ground.isWhole(`after ${bytes} bytes`);
      assertEquals((await ground.workspace.reproduce(...CHAIN)).built, [], "nothing was lost");
    }
  },
});

Deno.test({
  name: `a read-only store can be looked at, and a run says that it cannot write${mounting}`,
  ignore: reason !== undefined,
  async fn() {
    await using ground = await Ground.create();
    const store = ground.path("artifacts");
    await using _bound = await mount(store, `--bind '${store}'`) as AsyncDisposable;
    assertEquals((await shell(`mount -o remount,ro,bind '${store}'`)).code, 0);
    for (const args of [["status"], ["why", "total"], ["graph"], ["reproduce", "--dry-run"]]) {
      const { code, stderr } = await ground.workspace.run(...args, ...CHAIN);
      assertEquals([code, stderr], [0, ""], args.join(" "));
    }
    assertEquals((await ground.workspace.run("verify")).code, 0);
    const edited = await ground.workspace.run("status", ...CHAIN, "--set", "walk.steps=5");
    assertEquals([edited.code, edited.stderr], [0, ""]);
    for (const args of [[], ["--set", "walk.steps=5"]]) {
      const { code, stderr } = await ground.workspace.run("reproduce", ...CHAIN, ...args);
      assertEquals(code, 1);
      assertMatch(
        stderr,
        /^Cannot write to .*artifacts, make it writable or make room: Read-only file system/,
      );
    }
    ground.isWhole("read-only");
  },
});

Deno.test("too many open files are an error that says so, and cost nothing", async () => {
  await using ground = await Ground.create();
  for (const limit of [22, 24, 26, 28, 30, 34]) {
    await ground.clear();
    const { code, text } = await shell(`ulimit -n ${limit}; ${line(...COMMAND)}`, ground.root);
    if (code !== 0) assertStringIncludes(text, "Too many open files", `at most ${limit}`);
    await quiet(ground.root);
    await ground.comesBack(`at most ${limit}`);
  }
});

Deno.test("a child that runs out of memory fails alone, and the message says what to look for", async () => {
  await using ground = await Ground.create();
  await ground.clear();
  const env = { DENO_V8_FLAGS: "--max-old-space-size=120" };
  const { code, stdout } = await ground.runWith(env, "reproduce", "--profile", "hoard");
  assertEquals(code, 1);
  assertMatch(
    stdout,
    /FAILED {2}hoard: its process ended without an answer: SIG\w+ \(killed, or out of memory\)/,
  );
  assertMatch(stdout, /5 built, 0 fresh, 1 failed: hoard/);
  const { stdout: log } = await ground.workspace.run("log", "hoard", "--profile", "hoard");
  assertStringIncludes(log, "out of memory");
  await quiet(ground.root);
  assertEquals((await ground.workspace.reproduce(...CHAIN)).built, []);
});

Deno.test("a clock that is set back or ahead changes nothing", async () => {
  await using ground = await Ground.create();
  const hour = 3_600_000;
  for (const jump of [-26 * hour, 26 * hour]) {
    await ground.clear();
    const { code, stdout, stderr } = await ground.runWith({ FAULT_CLOCK: String(jump) }, ...COMMAND);
    assertEquals(code, 0, stdout + stderr);
    ground.isWhole(`the clock jumps by ${jump} ms`);
    for (const { dir } of Object.values(await ground.workspace.status(...CHAIN))) {
      const { started, finished, seconds } = JSON.parse(await ground.workspace.read(dir!, "run.json"));
      assert(seconds > 0 && Date.parse(finished) >= Date.parse(started), `${started} to ${finished}`);
    }
  }
});

Deno.test("files and records from the future are as good as others", async () => {
  await using ground = await Ground.create();
  const future = new Date("2099-01-01");
  for (const path of ground.files()) await Deno.utime(path, future, future);
  assertEquals((await ground.workspace.reproduce(...CHAIN)).built, []);
  const source = ground.files().find((path) => path.endsWith("source.bin"))!;
  const bytes = await Deno.readFile(source);
  bytes[7] ^= 1;
  // Deno tells the time of a change in whole seconds.
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await Deno.writeFile(source, bytes);
  await Deno.utime(source, future, future);
  assertEquals(
    (await ground.workspace.reproduce(...CHAIN)).built,
    ["source"],
    "same size, same time, other bytes",
  );
  ground.isWhole("from the future");
});
