import { assert, assertEquals } from "@std/assert";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { walk } from "../../pipeline/base/files.ts";
import { pipeline } from "../../workflow/mod.ts";

const STAGES = fileURLToPath(new URL("../../stages", import.meta.url));

/** An import of one module of the stages by another; `types` if nothing of it is left when the code runs. */
interface Import {
  readonly from: string;
  readonly to: string;
  readonly types: boolean;
}

async function importsOf(folder: string): Promise<readonly Import[]> {
  const files = await walk(join(STAGES, folder));
  const found = files.map(async ({ name }): Promise<Import[]> => {
    const from = join(STAGES, folder, name);
    const text = await Deno.readTextFile(from);
    return [...text.matchAll(/^(?:import|export)( type)?[^;"]*? from "(\.[^"]+)";/gm)].map((match) => ({
      from: relative(STAGES, from),
      to: relative(STAGES, join(dirname(from), match[2])),
      types: match[1] !== undefined,
    }));
  });
  return (await Promise.all(found)).flat();
}

const folders = pipeline.stages().map((name) => name.replaceAll("-", "_"));
const folderOf = (path: string) => folders.find((folder) => path.startsWith(`${folder}/`));

for (const folder of folders) {
  Deno.test(`${folder}: mod.ts declares, what it runs knows of declarations and other stages no more than types`, async () => {
    const imports = await importsOf(folder);
    const { default: stage } = await import(`../../stages/${folder}/mod.ts`);
    assertEquals(stage.run, new URL(`../../stages/${folder}/run.ts`, import.meta.url).href);
    const { default: _, sectionReads = [], ...others } = await import(`../../stages/${folder}/mod.ts`);
    assertEquals(others, {});
    for (const file of sectionReads) assert(stage.outputs.includes(file), `${folder} writes no ${file}`);
    for (const { from, to, types } of imports.filter(({ from }) => from !== `${folder}/mod.ts`)) {
      assert(!folders.includes(to.replace(/\/mod\.ts$/, "")), `${from} imports the declaration ${to}`);
      if (to.endsWith("/params.ts") && folderOf(to)) {
        assert(types, `${from} imports more than types of ${to}`);
      }
      if (folderOf(to) === folder || folderOf(to) === undefined) continue;
      assert(
        to.endsWith("/params.ts"),
        `${from} imports ${to} of another stage, expected its params.ts alone`,
      );
    }
  });
}
