import { assertEquals } from "@std/assert";

Deno.test("the lock holds nothing that only the install script of tfjs-node-gpu wants, which does not run", async () => {
  const { npm } = JSON.parse(await Deno.readTextFile(new URL("../../deno.lock", import.meta.url)));
  const unwanted = /^(tar@[0-6]\.|rimraf@|glob@[0-9]\.|inflight@|npmlog@|gauge@|are-we-there-yet@|@mapbox\/)/;
  assertEquals(Object.keys(npm).filter((id) => unwanted.test(id)), []);
  const id = Object.keys(npm).find((id) => id.startsWith("@tensorflow/tfjs-node-gpu@"))!;
  assertEquals(npm[id].dependencies, ["@tensorflow/tfjs", "google-protobuf"]);
});
