/**
 * The modules of the repository and their imports, read once a process.
 *
 * @module
 */
import { basename, dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FOLDERS = ["formats", "links", "pipeline", "stages", "tests", "tools", "treenet", "workflow"];
const SHARED_NAMES = ["mod.ts", "params.ts", "run.ts", "section.ts", "estimate.ts"];
const FIXTURE = /^tests\/fixtures\/workflow\/|^tools\/bench\/peers\/rerun\//;

/** Modules that a folder may have. */
export const MOST_MODULES = 20;

const IMPORT = /(?:\bfrom|\bimport\s*\(?)\s*["'](\.[^"']+)["']/g;

/** Path → paths that it imports, types included; relative to the repository, `/`-separated. */
let imports: ReadonlyMap<string, readonly string[]> | undefined;

/** All modules with their imports. */
export function modules(): ReadonlyMap<string, readonly string[]> {
  return imports ??= new Map(FOLDERS.flatMap(modulesIn).map((path) => [path, importsOf(path)]));
}

/** `/`-separated path below the repository. */
export function inRepository(path: string): string {
  return relative(ROOT, path).split(sep).join("/");
}

/** The shortest way from a module back to itself through its imports, or undefined where there is none. */
export function circleIn(
  graph: ReadonlyMap<string, readonly string[]>,
  path: string,
): readonly string[] | undefined {
  const ways: string[][] = [[path]];
  const seen = new Set<string>();
  for (let way; (way = ways.shift()) !== undefined;) {
    for (const next of graph.get(way.at(-1)!) ?? []) {
      if (next === path) return [...way, path];
      if (!seen.has(next)) ways.push([...way, next]);
      seen.add(next);
    }
  }
}

/** The number of modules in a folder with too many, said of its first module alone. */
export function crowdIn(paths: readonly string[], path: string): number | undefined {
  const beside = paths.filter((other) => dirname(other) === dirname(path)).sort();
  return beside.length > MOST_MODULES && beside[0] === path ? beside.length : undefined;
}

/** Another module of the same name; fixtures are data, and some names say a module's part in its folder. */
export function namesakeIn(paths: readonly string[], path: string): string | undefined {
  const isNamed = (other: string) => !SHARED_NAMES.includes(basename(other)) && !FIXTURE.test(other);
  if (!isNamed(path)) return undefined;
  return paths.find((other) => other !== path && isNamed(other) && basename(other) === basename(path));
}

function modulesIn(folder: string): readonly string[] {
  return [...Deno.readDirSync(join(ROOT, folder))].flatMap(({ name, isDirectory, isFile }) => {
    if (isDirectory) return modulesIn(`${folder}/${name}`);
    return isFile && name.endsWith(".ts") ? [`${folder}/${name}`] : [];
  });
}

function importsOf(path: string): readonly string[] {
  const text = Deno.readTextFileSync(join(ROOT, path)).replace(/\/\*.*?\*\//gs, "");
  return [...text.matchAll(IMPORT)].map(([, specifier]) =>
    inRepository(join(ROOT, dirname(path), specifier))
  );
}
