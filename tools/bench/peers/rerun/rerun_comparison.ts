/**
 * Bringing eight trivial stages up to date against Snakemake, DVC and Ninja: when nothing changed, and when the command
 * of the last stage did.
 *
 * The whole command is timed, as a user waits for it. Ours checks the bytes of sources and artifacts by their digests
 * and runs a stage in a sandboxed process of its own; Ninja compares times of change and runs a shell.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { type Python, pythonWith } from "../../../../tests/fixtures/python.ts";
import { Workspace } from "../../../../tests/fixtures/test_workspace.ts";
import { byTurns, type Comparison, type Options } from "../peer_comparison.ts";
import { type Entry, entryOf } from "../peer_entry.ts";
import { versionsIn } from "../peer_processes.ts";
import { type Tool, TOOLS } from "./tools.ts";

const REQUIREMENTS = fileURLToPath(new URL("./requirements.txt", import.meta.url));
const FIXTURE = "tools/bench/peers/rerun";
const PROFILE = ["--profile", "eight"];

/** The change before the command: nothing, or the last stage. */
const CHANGES = [{ name: "rerun/no-op", edits: false }, { name: "rerun/one-stage", edits: true }];

export const reruns: readonly Comparison[] = CHANGES.map(({ name, edits }) => ({
  names: TOOLS.map((tool) => `${name}/${tool.name}`),
  versions: async () => versionsIn(await pythonWith(REQUIREMENTS), TOOLS.map((tool) => tool.name)),
  run: (options) => compare({ name, edits }, options),
}));

async function* compare(
  { name, edits }: typeof CHANGES[number],
  { runs: turns, wanted }: Options,
): AsyncGenerator<Entry> {
  const python = await pythonWith(REQUIREMENTS);
  const tools = TOOLS.filter((tool) => wanted(`${name}/${tool.name}`));
  await using own = await ownGraph();
  await using peers = await peerGraphs(python, tools);
  let word = 0;
  const runs = await byTurns<string, number>(turns, {
    ours: () => own.update(edits ? `word${++word}` : undefined),
    ...Object.fromEntries(
      tools.map((tool) => [tool.name, () => peers.update(tool, edits ? `word${++word}` : undefined)]),
    ),
  });
  for (const tool of tools) {
    const subject = {
      name: `${name}/${tool.name}`,
      backend: "engine",
      mode: "sandboxed, hashed",
      unit: "s",
      against: tool.update.join(" "),
    } as const;
    yield entryOf(subject, { ours: runs.ours, peer: runs[tool.name] });
  }
}

/** A graph that is up to date. */
interface Graphs<Arguments extends readonly unknown[]> extends AsyncDisposable {
  /** Seconds to bring it up to date, after an edit where there is a word. */
  readonly update: (...args: Arguments) => Promise<number>;
}

async function ownGraph(): Promise<Graphs<[string | undefined]>> {
  const workspace = await Workspace.create({ fixture: FIXTURE });
  const built = await workspace.reproduce(...PROFILE);
  if (built.built.length !== 8) {
    throw new Error(`Cannot compare reruns: built ${built.built}, expected 8 tasks`);
  }
  let last = "report";
  return {
    update: async (word) => {
      if (word !== undefined) {
        await workspace.edit("report.ts", `WORD = "${last}"`, `WORD = "${word}"`);
        last = word;
      }
      return await secondsOf(() => workspace.run("reproduce", ...PROFILE));
    },
    [Symbol.asyncDispose]: () => workspace[Symbol.asyncDispose](),
  };
}

async function peerGraphs(
  python: Python,
  tools: readonly Tool[],
): Promise<Graphs<[Tool, string | undefined]>> {
  const root = await Deno.makeTempDir({ prefix: "treenet-peers-" });
  for (const tool of tools) {
    const folder = `${root}/${tool.name}`;
    await Deno.mkdir(folder);
    await Deno.writeTextFile(`${folder}/${tool.file}`, tool.graph("report"));
    if (tool.setUp.length > 0) await run(python, folder, tool.setUp);
    await run(python, folder, tool.update);
    await Deno.stat(`${folder}/report.txt`);
  }
  return {
    update: async (tool, word) => {
      const folder = `${root}/${tool.name}`;
      if (word !== undefined) await Deno.writeTextFile(`${folder}/${tool.file}`, tool.graph(word));
      const seconds = await secondsOf(() => run(python, folder, tool.update));
      const report = await Deno.readTextFile(`${folder}/report.txt`);
      if (word !== undefined && !report.endsWith(`${word}\n`)) {
        throw new Error(`Cannot compare reruns: ${tool.name} left report.txt as it was, expected "${word}"`);
      }
      return seconds;
    },
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}

async function run(
  python: Python,
  cwd: string,
  [program, ...args]: readonly string[],
): Promise<{ code: number }> {
  const { code, stderr } = await new Deno.Command(`${python.bin}/${program}`, {
    args,
    cwd,
    env: { DVC_NO_ANALYTICS: "1", PATH: `${python.bin}:${Deno.env.get("PATH") ?? ""}` },
    stdin: "null",
  }).output();
  if (code === 0) return { code };
  throw new Error(`Cannot run ${program} ${args.join(" ")}:\n${new TextDecoder().decode(stderr)}`);
}

async function secondsOf(act: () => Promise<{ readonly code: number }>): Promise<number> {
  const start = performance.now();
  const { code } = await act();
  if (code !== 0) throw new Error(`Cannot compare reruns: a command ended with ${code}`);
  return (performance.now() - start) / 1000;
}
