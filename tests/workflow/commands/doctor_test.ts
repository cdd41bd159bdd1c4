import { assertEquals } from "@std/assert";
import { registry, temporary } from "../../../workflow/commands/doctor/surroundings.ts";

Deno.test("doctor: a folder for temporary files that is gone is named, with what to do", async () => {
  const folder = await Deno.makeTempDir();
  assertEquals(await temporary(folder), { name: "temporary files", state: "ok", found: `go to ${folder}` });
  assertEquals([...Deno.readDirSync(folder)], []);
  await Deno.remove(folder);
  assertEquals(await temporary(folder), {
    name: "temporary files",
    state: "missing",
    found: `${folder} is no folder`,
    next: "unset TMPDIR, or let it name a folder that you can write",
  });
});

Deno.test("doctor: npm's registry and proxy are named without credentials", async () => {
  const text =
    "registry=https://me:secret@r.example/npm/?key=secret\nhttps-proxy=http://me:secret@p.example:3128";
  const readFile = (path: string) => Promise.resolve(path === ".npmrc" ? text : undefined);
  const { state, found } = await registry({ env: {}, readFile });
  assertEquals([state, found], ["ok", "https://r.example/npm/, by the proxy http://p.example:3128/"]);
});
