import { assertEquals, assertGreater, assertThrows } from "@std/assert";
import { ArchiveError } from "../../../pipeline/base/file_names.ts";
import { openEngine, rootsOf } from "../../../pipeline/plan/engine.ts";
import { pathInside } from "../../../pipeline/code/foreign_modules.ts";
import { type ModuleGraph, readModules } from "../../../pipeline/code/modules.ts";
import { workspaceAt } from "../../../pipeline/base/workspace.ts";
import { pipeline } from "../../../workflow/mod.ts";
import { codeOf } from "./tiny.ts";

/** URLs of the stages and models of a profile, and of what a child process runs. */
async function roots(): Promise<readonly string[]> {
  const { tasks } = await openEngine(pipeline, { profile: "quick" });
  const child = new URL("../../../pipeline/child/entry.ts", import.meta.url).href;
  return [...new Set([...tasks.flatMap((task) => Object.values(rootsOf(task))), child])];
}

/** The graph without the paths of packages in the cache, which a foreign workspace's graph does not have. */
function withoutPaths({ modules, packages }: ModuleGraph) {
  return {
    modules,
    packages: Object.entries(packages).map(([id, { dependencies, integrity }]) =>
      [id, [...dependencies].sort(), integrity] as const
    ).sort(),
  };
}

Deno.test("the graph read as data is the graph that deno info gives, for every stage and model here", async () => {
  const workspace = workspaceAt(pipeline.root);
  const ours = await readModules(workspace, await roots());
  const asData = await readModules({ ...workspace, isForeign: true }, await roots());
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
