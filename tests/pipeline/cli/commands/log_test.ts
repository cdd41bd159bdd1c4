/**
 * The choice of the last log.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { nextLog } from "../../../../pipeline/run/attempt.ts";
import type { Task } from "../../../../pipeline/stage.ts";
import { lastLog } from "../../../../pipeline/child/log_file.ts";
import { workspaceAt } from "../../../../pipeline/base/workspace.ts";

const task = { place: "train/cnn-0" } as Task;

Deno.test("the last log is that of the highest number, and the next one is above all", async () => {
  const root = await Deno.makeTempDir();
  const workspace = workspaceAt(root);
  const folder = `${root}/artifacts/.logs/train/cnn-0`;
  const write = (name: string) => Deno.writeTextFile(`${folder}/${name}`, name);
  const both = async () =>
    [lastLog(workspace, task.place), await nextLog(workspace, task)].map((path) => path?.split("/").at(-1));

  assertEquals(await both(), [undefined, "0001.log"]);
  for (const name of ["notes.txt", ".DS_Store", "0002.log~", "0001.log.1"]) await write(name);
  assertEquals(await both(), [undefined, "0001.log"]);
  await write("0007.log"); // those before it were removed
  assertEquals(await both(), ["0007.log", "0008.log"]);
  await write("9999.log");
  await write("10000.log");
  assertEquals(await both(), ["10000.log", "10001.log"]);
  await Deno.mkdir(`${folder}/10001.log`);
  assertEquals(await both(), ["10000.log", "10002.log"]);
  await Deno.remove(root, { recursive: true });
});
