import { assertEquals, assertGreater, assertThrows } from "@std/assert";
import { fileURLToPath } from "node:url";
import { ArchiveError } from "../../pipeline/archive/names.ts";
import { pathInside } from "../../pipeline/foreign.ts";
import { type ModuleGraph, readModules } from "../../pipeline/modules.ts";
import { workspaceAt } from "../../pipeline/workspace.ts";
import { codeOf } from "./tiny.ts";

const repository = new URL("../../", import.meta.url);

/** URLs of the stages, the models and what a child process runs. */
function roots(): string[] {
  const modulesIn = (folder: string) =>
    [...Deno.readDirSync(new URL(folder, repository))]
      .filter(({ name, isFile }) => isFile && name.endsWith(".ts") && !/^(mod|describe)\.ts$/.test(name))
      .map(({ name }) => new URL(folder + name, repository).href);
  return [
    ...modulesIn("stages/"),
    ...modulesIn("stages/treenet/models/"),
    new URL("pipeline/child.ts", repository).href,
  ];
}

/** Where the cache has a package is not told of a stranger's. */
function withoutPaths({ modules, packages }: ModuleGraph) {
  return {
    modules,
    packages: Object.entries(packages).map(([id, { dependencies, integrity }]) =>
      [id, [...dependencies].sort(), integrity] as const
    ).sort(),
  };
}

Deno.test("the graph read as data is the graph that deno info gives, for every stage and model here", async () => {
  const workspace = workspaceAt(fileURLToPath(repository));
  const ours = await readModules(workspace, roots());
  const asData = await readModules({ ...workspace, isForeign: true }, roots());
  assertGreater(Object.keys(ours.modules).length, 100);
  assertEquals(withoutPaths(asData), withoutPaths(ours));
});

Deno.test("a path is inside by its text alone, whatever the disk has", () => {
  const workspace = workspaceAt("/a/b");
  assertEquals(pathInside(workspace, "file:///a/b/c/d.ts", "x"), "/a/b/c/d.ts");
  for (
    const url of [
      "file:///a/b",
      "file:///a/bc",
      "file:///a",
      "file://h/a/b/c",
      "data:,",
      "file:///a/b/c?d",
      "file:///a/b/..%2fc",
    ]
  ) {
    assertThrows(() => pathInside(workspace, url, "x"), ArchiveError, "x refers to");
  }
});

Deno.test("an import map and a lock file say what a name means, to the package's own dependencies", async () => {
  const { packages } = await codeOf(
    new Map([
      [
        "repository/deno.json",
        `{"imports":{"one":"npm:one@1.0.0","one/":"npm:/one@1.0.0/","own":"./lib/own.ts"}}`,
      ],
      [
        "repository/deno.lock",
        `{"version":"5","specifiers":{"npm:one@1.0.0":"1.0.0"},
          "npm":{"one@1.0.0":{"integrity":"sha512-a","dependencies":["two"]},"two@2.0.0":{"integrity":"sha512-b"},
                 "three@3.0.0":{"integrity":"sha512-c"}}}`,
      ],
      ["repository/stages/a.ts", `import "own"; import "one/sub.js";`],
      ["repository/lib/own.ts", `import type { X } from "left-out"; import "node:path";`],
    ]),
  );
  assertEquals(packages, { "one@1.0.0": "sha512-a", "two@2.0.0": "sha512-b" });
});

Deno.test("code that refers to itself endlessly, or to a folder, is read all the same", async () => {
  const files = new Map([
    ["repository/deno.json", "{}"],
    ["repository/deno.lock", `{"version":"5"}`],
    ["repository/stages/a.ts", `import "./a.ts"; import "./b.ts"; new URL("../", import.meta.url);`],
    ["repository/stages/b.ts", `import "./a.ts"; new URL("./gone.bin", import.meta.url);`],
  ]);
  assertEquals(Object.keys((await codeOf(files)).modules), ["stages/a.ts", "stages/b.ts"]);
});
