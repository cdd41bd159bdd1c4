import { assertEquals } from "@std/assert";
import { cp } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { CodeIndex } from "../../pipeline/code.ts";
import { exists } from "../../pipeline/files.ts";
import { readMemory, writeMemory } from "../../pipeline/sealed.ts";
import { workspaceAt } from "../../pipeline/workspace.ts";

/** Runs with a repository whose one stage reads a package's files. */
async function withStage(run: (root: string, folders: () => Promise<readonly string[]>) => Promise<void>) {
  const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "places-" }));
  try {
    const { npm } = JSON.parse(await Deno.readTextFile(new URL("../../deno.lock", import.meta.url)));
    const id = Object.keys(npm).find((id) => id.startsWith("pngjs@"))!;
    const imports = { pngjs: `npm:${id}` };
    const lock = {
      version: "5",
      specifiers: { [imports.pngjs]: id.slice("pngjs@".length) },
      npm: { [id]: npm[id] },
      workspace: { dependencies: [imports.pngjs] },
    };
    await Deno.writeTextFile(join(root, "deno.json"), JSON.stringify({ imports }));
    await Deno.writeTextFile(join(root, "deno.lock"), `${JSON.stringify(lock, null, 2)}\n`);
    await Deno.writeTextFile(join(root, "stage.ts"), `export const url = import.meta.resolve("pngjs");\n`);
    const module = pathToFileURL(join(root, "stage.ts")).href;
    await run(root, async () => {
      const index = await CodeIndex.open(workspaceAt(root), [module]);
      return index.of({ stage: module }).readable.packages;
    });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("the code index: a package whose remembered folder is gone is looked for again", async () => {
  await withStage(async (root, folders) => {
    const before = await folders();
    assertEquals([before.length, await exists(before[0])], [1, true]);
    const memory = join(root, "artifacts/.cache/code.json");
    const read = await readMemory<object>(memory);
    const text = JSON.stringify(read.type === "sound" ? read.value : {});
    await writeMemory(memory, JSON.parse(text.replaceAll(before[0], `${root}/gone`)));
    assertEquals(await folders(), before);
  });
});

Deno.test("the code index: another DENO_DIR moves the packages, though the old ones are still there", async () => {
  const own = Deno.env.get("DENO_DIR");
  await withStage(async (root, folders) => {
    const [before] = await folders();
    const cache = before.slice(0, before.indexOf("/npm/"));
    const folder = dirname(before); // with what the registry says of the package
    await cp(folder, folder.replace(cache, join(root, "cache")), { recursive: true });
    Deno.env.set("DENO_DIR", join(root, "cache"));
    try {
      assertEquals(await folders(), [before.replace(cache, join(root, "cache"))]);
    } finally {
      if (own === undefined) Deno.env.delete("DENO_DIR");
      else Deno.env.set("DENO_DIR", own);
    }
  });
});
