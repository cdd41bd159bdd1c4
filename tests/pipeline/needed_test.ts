import { assertEquals } from "@std/assert";
import { FileDigests, hashFile } from "../../pipeline/base/digests.ts";
import { damagedFiles } from "../../pipeline/store/artifacts.ts";
import type { Artifact, Digest, Key } from "../../pipeline/stage.ts";

Deno.test("a file that an archive left out is missed by who needs it or its folder, and by nobody else", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.mkdir(`${dir}/kept`);
  await Deno.writeTextFile(`${dir}/kept/here.txt`, "here");
  const digest = await hashFile(`${dir}/kept/here.txt`);
  const key: Key = { stage: "train", params: {}, code: {}, packages: {}, inputs: {}, environment: {} };
  const artifact: Artifact = {
    task: "train",
    point: {},
    digest: "" as Digest,
    key,
    dir,
    files: { "kept/here.txt": digest, "kept/gone.txt": digest, "keptnot.txt": digest },
    meta: null,
    elsewhere: ["kept/gone.txt", "keptnot.txt"],
  };
  const digests = await FileDigests.open(`${dir}/../${crypto.randomUUID()}.json`);
  const missed = async (needed: readonly string[]) =>
    (await damagedFiles(artifact, { digests, needed })).filter((name) => name.endsWith(" (gone)"));
  assertEquals(await missed([]), []);
  assertEquals(await missed(["kept/gone.txt"]), ["kept/gone.txt (gone)"]);
  assertEquals(await missed(["kept"]), ["kept/gone.txt (gone)"]);
  assertEquals(await missed(["kept", "keptnot.txt"]), ["kept/gone.txt (gone)", "keptnot.txt (gone)"]);
  await Deno.remove(dir, { recursive: true });
});
