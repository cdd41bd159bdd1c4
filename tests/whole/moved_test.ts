import { assertEquals, assertNotEquals } from "@std/assert";
import { basename, dirname, join, relative } from "node:path";
import { exists } from "../../pipeline/files.ts";
import { Checkout } from "../support/checkout.ts";
import type { CodeOfTasks } from "./code_of_quick.ts";

async function codeOf(dir: string): Promise<CodeOfTasks> {
  const { stdout, stderr } = await deno(dir, "run", "-A", "--quiet", "tests/whole/code_of_quick.ts");
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout);
}

async function deno(cwd: string, ...args: string[]) {
  const output = await new Deno.Command(Deno.execPath(), { args, cwd, env: { NO_COLOR: "1" } }).output();
  const text = new TextDecoder();
  return { stdout: text.decode(output.stdout), stderr: text.decode(output.stderr) };
}

/** Files to move, old path → new one: those of the folder that has the most, and others from wherever they are. */
function movesOf({ modules, roots }: CodeOfTasks): ReadonlyMap<string, string> {
  const isRoot = (path: string) => roots.some((url) => url.endsWith(`/${path}`));
  // A folder that holds a stage or a model is read by name.
  const byFolder = Map.groupBy(modules, dirname);
  const free = [...byFolder].filter(([folder, paths]) => folder.includes("/") && !paths.some(isRoot))
    .sort(([, a], [, b]) => b.length - a.length);
  const [[folder, whole], ...others] = free;
  const single = others.flatMap(([, paths]) => paths).filter((path) => path.endsWith(".ts"));
  const spread = single.filter((_, i) => i % Math.max(1, Math.floor(single.length / 9)) === 0).slice(0, 9);
  return new Map([
    ...whole.map((path) => [path, join("stages/moved", basename(folder), basename(path))] as const),
    ...spread.map((path, i) =>
      [path, join(dirname(path), i % 2 === 0 ? ".." : "deeper", `aa_${i}.ts`)] as const
    ),
  ]);
}

/** Moves files and rewrites, in every module of the checkout, the paths that lead to or from them. */
async function move(root: string, moves: ReadonlyMap<string, string>): Promise<void> {
  const places = (path: string) => moves.get(path) ?? path;
  for (const path of await modulesIn(root)) {
    const text = await Deno.readTextFile(join(root, path));
    const now = places(path);
    const rewritten = await replaceAsync(text, /"(\.\.?\/[^"\n]*)"/g, async (literal, specifier) => {
      const target = join(dirname(path), specifier);
      if (!await exists(join(root, target))) return literal;
      const to = relative(dirname(now), places(target)) + (specifier.endsWith("/") ? "/" : "");
      return JSON.stringify(to.startsWith(".") ? to : `./${to}`);
    });
    if (rewritten !== text) await Deno.writeTextFile(join(root, path), rewritten);
  }
  for (const [from, to] of moves) {
    await Deno.mkdir(join(root, dirname(to)), { recursive: true });
    await Deno.rename(join(root, from), join(root, to));
  }
}

async function replaceAsync(
  text: string,
  pattern: RegExp,
  by: (...match: string[]) => Promise<string>,
): Promise<string> {
  const found = [...text.matchAll(pattern)];
  const texts = await Promise.all(found.map((match) => by(...match)));
  let i = 0;
  return text.replace(pattern, () => texts[i++]);
}

async function modulesIn(root: string, folder = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(root, folder))) {
    const path = join(folder, name);
    if (isDirectory) found.push(...await modulesIn(root, path));
    else if (name.endsWith(".ts")) found.push(path);
  }
  return found;
}

Deno.test("moved and renamed files leave every key of the checkout as it is, a changed constant does not", async () => {
  await using checkout = await Checkout.create();
  const before = await codeOf(checkout.dir);
  const moves = movesOf(before);
  await move(checkout.dir, moves);
  // Imports are sorted by the new names.
  await deno(checkout.dir, "fmt", "--quiet");
  const after = await codeOf(checkout.dir);
  assertEquals(after.keys, before.keys);
  assertEquals(new Set(moves.values()).size >= 10, true, `${moves.size} files were moved`);
  for (const [from, to] of moves) {
    assertEquals([from, to].map((path) => after.modules.includes(path)), [false, true], from);
  }
  const [edited] = [...moves.values()].filter((path) => path.endsWith(".ts"));
  const text = await checkout.read(edited);
  await Deno.writeTextFile(join(checkout.dir, edited), `${text}\nexport const CHANGED = 1;\n`);
  assertNotEquals((await codeOf(checkout.dir)).keys, before.keys);
});
