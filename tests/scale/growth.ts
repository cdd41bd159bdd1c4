/**
 * Growth of the commands' time and peak memory, in real processes, from a graph of 100 tasks to one of
 * 10,000. The artifacts are computed in one process and sealed by the engine's own `seal`
 * (tests/fixtures/workflow/fill.ts), which gives the same as `reproduce` with its child process a task; the
 * cost of those processes is measured on 100 tasks. Takes about a minute on two cores.
 *
 * @module
 */
import { assert, assertEquals, assertLess } from "@std/assert";
import { statfs } from "node:fs/promises";
import { PeakMemory } from "../../pipeline/child/peak_memory.ts";
import { Workspace } from "../fixtures/test_workspace.ts";

/** Tasks of the graph: two a point, one before and one after all. */
const SIZES = [100, 1_000, 10_000];

const MEMORY_LIMIT = 500; // MB, at 10,000 tasks

interface Measured {
  readonly seconds: number;
  /** MB, peak, of the process. */
  readonly memory: number;
  readonly stdout: string;
}

async function measure(child: Deno.ChildProcess): Promise<Measured> {
  const start = performance.now();
  const memory = new PeakMemory(child.pid);
  const { code, stdout, stderr } = await child.output();
  const seconds = (performance.now() - start) / 1000;
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return { seconds, memory: (memory.stop() ?? 0) / 1e6, stdout: new TextDecoder().decode(stdout) };
}

/**
 * A folder in memory for the forty thousand small files that are written and removed again, where the system
 * offers one of a GB. Deno gives no partial permission there, so no stage's process can run in it.
 */
async function memoryDisk(): Promise<string | undefined> {
  const folder = "/dev/shm";
  const { bavail, bsize } = await statfs(folder).catch(() => ({ bavail: 0, bsize: 0 }));
  return bavail * bsize > 1e9 ? folder : undefined;
}

/** The faster of two: the machine may be busy with something else. */
async function best(once: () => Promise<Measured>): Promise<Measured> {
  const [first, second] = [await once(), await once()];
  return first.seconds < second.seconds ? first : second;
}

const scale = ["--profile", "scale"];

function writeProfile(workspace: Workspace, points: number): Promise<void> {
  const seeds = Array.from({ length: points }, (_, i) => i);
  const stages = { numbers: { count: 1 }, "apply-model": {}, half: {}, total: {} };
  const header = { summary: "A generated graph", seeds, models: { double: {} } };
  return workspace.write("profiles/scale.json", { ...header, ...stages });
}

Deno.test("100 tasks are built, a process each", async () => {
  await using workspace = await Workspace.create();
  await writeProfile(workspace, 49);
  const { seconds, stdout } = await measure(workspace.spawn("reproduce", "--json", ...scale));
  assertEquals(JSON.parse(stdout.trim().split("\n").at(-1)!).built.length, 100);
  console.log(`100 tasks built in ${seconds.toFixed(1)} s, a process each`);
});

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  "status": ["status", "--json"],
  "no-op": ["reproduce", "--json"],
  "dry run of everything": ["reproduce", "--dry-run", "--json", "--set", "numbers.step=2"],
  "why": ["why", "total"],
  "du": ["du", "--json"],
};

type Row = Readonly<Record<keyof typeof COMMANDS, Measured>>;

Deno.test("commands grow no faster than the graph", async (t) => {
  await using workspace = await Workspace.create({ disk: await memoryDisk() });
  const rows = new Map<number, Row>();
  for (const size of SIZES) {
    const points = (size - 2) / 2;
    await writeProfile(workspace, points);
    await t.step(`${size} tasks`, async () => {
      const { seconds } = await measure(workspace.script("fill.ts", { args: ["scale"] }));
      console.log(`filled up to ${size} artifacts in ${seconds.toFixed(1)} s`);
      const row: Record<string, Measured> = {};
      for (const [name, [command, ...flags]] of Object.entries(COMMANDS)) {
        const profile = command === "du" ? [] : scale;
        row[name] = await best(() => measure(workspace.spawn(command, ...profile, ...flags)));
      }
      rows.set(size, row);
      const states = JSON.parse(row["status"].stdout).map(({ state }: { state: string }) => state);
      assertEquals([states.length, new Set(states)], [size, new Set(["fresh"])]);
      const summary = JSON.parse(row["no-op"].stdout.trim().split("\n").at(-1)!);
      assertEquals([summary.built.length, summary.fresh.length], [0, size]);
      const plan = JSON.parse(row["dry run of everything"].stdout.split("\n")[0]);
      assertEquals(plan.tasks.length, size);
      assertEquals(JSON.parse(row["du"].stdout).entries.length >= size, true);
    });
  }
  for (const line of tableOf(rows)) console.log(line);

  await t.step("status and no-op of 10,000 tasks keep within their memory", () => {
    const { status, "no-op": noop } = rows.get(10_000)!;
    assertLess(Math.max(status.memory, noop.memory), MEMORY_LIMIT);
  });

  await t.step("ten times the tasks take at most about ten times the time", () => {
    for (const name of Object.keys(COMMANDS)) {
      const [small, middle, large] = SIZES.map((size) => rows.get(size)![name].seconds);
      // The start of a process is subtracted; 0.2 s allow for noise.
      const growth = (large - small) / (middle - small + 0.2);
      assert(growth < 20, `${name}: ${small.toFixed(2)}, ${middle.toFixed(2)}, ${large.toFixed(2)} s`);
    }
  });
});

/** A Markdown table, as docs/performance.md has it. */
function tableOf(rows: ReadonlyMap<number, Row>): string[] {
  const names = Object.keys(COMMANDS);
  return [
    `| Tasks | ${names.join(" | ")} |`,
    `| ---: |${" ---: |".repeat(names.length)}`,
    ...[...rows].map(([size, row]) => {
      const cells = names.map((name) =>
        `${row[name].seconds.toFixed(2)} s, ${row[name].memory.toFixed(0)} MB`
      );
      return `| ${size.toLocaleString("en-US")} | ${cells.join(" | ")} |`;
    }),
  ];
}
