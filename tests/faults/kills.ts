/**
 * SIGKILL, hundreds of times: before every single file operation of the engine, at random moments, and in the
 * middle of a checkpoint. Afterwards no process still runs, and the same command, given once more, ends with
 * the bytes of an undisturbed run.
 *
 * @module
 */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { CHAIN, flip, Ground, namesIn } from "./support/ground.ts";
import { kill, processesOf, quiet, type Role, sleep, until } from "./support/processes.ts";
import { Chance, SEED } from "./support/seed.ts";

console.log(`seed ${SEED} (deno task test:faults --seed ${SEED})`);

/** So many at a time on two cores: a run waits for processes to start more than it computes. */
const LANES = 3;
const COMMAND = ["reproduce", ...CHAIN, "--jobs", "1"];
const tally = new Map<string, number>();

function count(what: string): void {
  tally.set(what, (tally.get(what) ?? 0) + 1);
}

/** Does the jobs in order of their numbers, each on a ground of its lane. */
async function inLanes<T>(
  jobs: readonly T[],
  work: (ground: Ground, job: T) => Promise<void>,
): Promise<void> {
  const queue = [...jobs];
  await Promise.all(Array.from({ length: LANES }, async () => {
    await using ground = await Ground.create();
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) await work(ground, job);
  }));
}

interface Situation {
  readonly store: string;
  /** Makes the store one that the command has work to do in. */
  readonly prepare: (ground: Ground) => Promise<void>;
}

const empty: Situation = { store: "an empty store", prepare: (ground) => ground.clear() };

const damaged: Situation = {
  store: "a store of which every artifact is damaged",
  prepare: async (ground) => {
    for (const path of ground.files()) {
      if (!path.endsWith("artifact.json")) flip(path, 3);
    }
    await Deno.remove(ground.path("reports"), { recursive: true });
  },
};

/** The operations of a run, one a line, by a run that is not disturbed. */
async function traceOf(situation: Situation): Promise<string[]> {
  await using ground = await Ground.create();
  await situation.prepare(ground);
  const trace = ground.path("trace.txt");
  assertEquals((await ground.runWith({ FAULT_TRACE: trace }, ...COMMAND)).code, 0);
  return (await Deno.readTextFile(trace)).split("\n");
}

for (const { situation, every } of [{ situation: empty, every: 1 }, { situation: damaged, every: 6 }]) {
  const which = every === 1 ? "every operation" : `one operation of ${every}`;
  Deno.test(`killed before ${which} on files, on ${situation.store}`, async () => {
    const first = new Chance(situation.store).below(every);
    const trace = await traceOf(situation);
    const all = trace.flatMap((operation, i) => [
      { at: i + 1, how: "FAULT_KILL" },
      ...(/^write(Text)?File /.test(operation) ? [{ at: i + 1, how: "FAULT_TEAR" }] : []),
    ]);
    const jobs = all.filter((_, i) => i % every === first);
    assertGreater(jobs.length, 150 / every);
    await inLanes(jobs, async (ground, { at, how }) => {
      await situation.prepare(ground);
      const { code } = await ground.runWith({ [how]: String(at) }, ...COMMAND);
      const what = `${how}=${at} (${trace[at - 1]})`;
      if (code === 0) return; // The order of operations differs a little between runs: this one was shorter.
      count("engine, before an operation");
      await quiet(ground.root);
      await ground.comesBack(what);
    });
  });
}

Deno.test("killed while an artifact takes the place of another one, neither is lost", async () => {
  const forced = ["stage", "source", "--force", "--jobs", "1", ...CHAIN];
  await using first = await Ground.create();
  const trace = first.path("trace.txt");
  await first.runWith({ FAULT_TRACE: trace }, ...forced, "--salt", "1");
  const operations = (await Deno.readTextFile(trace)).split("\n");
  const from = operations.findIndex((line) => line.startsWith("sync"));
  const to = operations.findLastIndex((line) => line.includes("source/main/.aside")) + 1;
  const jobs = Array.from({ length: to - from }, (_, i) => from + 1 + i);
  await inLanes(jobs, async (ground, at) => {
    const { code } = await ground.runWith({ FAULT_KILL: String(at) }, ...forced, "--salt", String(at));
    assert(code !== 0);
    count("engine, while replacing");
    await quiet(ground.root);
    const { built } = await ground.workspace.reproduce(...CHAIN);
    assertEquals(
      built.includes("source"),
      false,
      `killed at ${at}, ${operations[at - 1]}: it was sound all the time`,
    );
  });
});

type Victim = Role | "engine and child" | "engine and watchdog";

const VICTIMS: readonly Victim[] = ["engine", "child", "watchdog", "engine and child", "engine and watchdog"];

/** Kills the victim's processes; false where one of its roles has none at the moment. */
function strike(ground: Ground, victim: Victim): boolean {
  const wanted = victim.split(" and ");
  const found = processesOf(ground.root).filter(({ role }) => wanted.includes(role));
  if (!wanted.every((role) => found.some((process) => process.role === role))) return false;
  return found.map(({ pid }) => kill(pid)).every(Boolean);
}

/** One run that is struck when `isTime`, the state after it, and the run that follows. */
async function disturbed(
  ground: Ground,
  { victim, isTime, what }: {
    readonly victim: Victim;
    readonly isTime: () => boolean;
    readonly what: string;
  },
): Promise<void> {
  await ground.clear();
  const engine = ground.workspace.spawn(...COMMAND);
  const output = engine.output();
  let over = false;
  output.then(() => over = true);
  await until(() => over || (isTime() && strike(ground, victim)), 20_000);
  if (!over) count(what);
  await output;
  // Without engine and watchdog nothing stops the child: the next run ends it.
  if (victim !== "engine and watchdog") await quiet(ground.root);
  await ground.comesBack(`${what} at ${JSON.stringify(namesIn(ground.path("artifacts")))}`);
}

Deno.test("killed at random moments", async () => {
  const chance = new Chance("moments");
  const jobs = Array.from(
    { length: 60 },
    (_, i) => ({ victim: VICTIMS[i % 5], after: 150 + chance.below(600) }),
  );
  await inLanes(jobs, async (ground, { victim, after }) => {
    const start = performance.now();
    const isTime = () => performance.now() - start > after;
    await disturbed(ground, { victim, isTime, what: `${victim}, at random` });
  });
});

Deno.test("killed with half a checkpoint written", async () => {
  const jobs = Array.from({ length: 30 }, (_, i) => VICTIMS.filter((victim) => victim !== "watchdog")[i % 4]);
  await inLanes(jobs, async (ground, victim) => {
    const scratch = ground.path("artifacts/.scratch");
    const isTime = () => namesIn(scratch).some((name) => namesIn(`${scratch}/${name}`).includes("state.new"));
    await disturbed(ground, { victim, isTime, what: `${victim}, half a checkpoint` });
  });
});

Deno.test("killed again and again, a run still gets on and ends", async () => {
  const chance = new Chance("again");
  await using ground = await Ground.create();
  await ground.clear();
  for (let kills = 0; kills < 20; kills++) {
    const engine = ground.workspace.spawn(...COMMAND);
    const output = engine.output();
    await sleep(150 + chance.below(350));
    if (strike(ground, chance.pick(VICTIMS))) count("in a row");
    await output;
  }
  await ground.comesBack("after 20 kills in a row");
});

/** Starts a stage that never ends and never looks up; returns the output of its engine, to be waited for. */
async function spinning(ground: Ground): Promise<{ readonly output: Promise<unknown> }> {
  const output = ground.workspace.spawn("reproduce", "--profile", "bad", "--set", "misbehave.how=spin")
    .output();
  const scratch = ground.path("artifacts/.scratch");
  const spins = () => namesIn(scratch).some((name) => namesIn(`${scratch}/${name}`).includes("spinning.txt"));
  assert(await until(spins, 20_000), "it spins");
  return { output };
}

const pidsOf = (ground: Ground, role: Role) =>
  processesOf(ground.root).filter((process) => process.role === role).map(({ pid }) => pid);

Deno.test("a killed watchdog is started again, and ends the children of an engine killed later", async () => {
  await using ground = await Ground.create();
  const { output } = await spinning(ground);
  for (let times = 0; times < 3; times++) {
    const [old] = pidsOf(ground, "watchdog");
    assert(kill(old));
    count("watchdog, of a stage that never ends");
    const isBack = () => pidsOf(ground, "watchdog").some((pid) => pid !== old);
    assert(await until(isBack, 5000), "another watchdog runs");
    await sleep(300); // It has to start and read.
  }
  pidsOf(ground, "engine").forEach(kill);
  count("engine, of a stage that never ends");
  await output;
  await quiet(ground.root);
});

Deno.test("an orphan of an engine and a watchdog killed together is ended by the next run", async () => {
  await using ground = await Ground.create();
  const { output } = await spinning(ground);
  assert(strike(ground, "engine and watchdog"));
  count("engine and watchdog, of a stage that never ends");
  await output;
  await sleep(1000);
  assertEquals(pidsOf(ground, "child").length, 1, "the orphan computes on");
  assertEquals((await ground.workspace.reproduce(...CHAIN)).failed, []);
  await quiet(ground.root);
});

Deno.test("at least 300 kills were made", () => {
  const total = [...tally.values()].reduce((sum, each) => sum + each, 0);
  for (const [what, times] of tally) console.log(`  ${String(times).padStart(4)}  ${what}`);
  console.log(`  ${String(total).padStart(4)}  kills in all`);
  assertGreater(total, 299);
});
