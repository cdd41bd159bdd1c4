import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { runChild } from "../../pipeline/child/process.ts";
import { Guard } from "../../pipeline/child/guard.ts";
import { LogFile } from "../../pipeline/child/log_file.ts";
import type { Job } from "../../pipeline/child/protocol.ts";
import { environmentVariables, NOTHING, permissions } from "../../pipeline/child/sandbox.ts";

/** Longest argument on Linux, with the zero that ends it, bytes. */
const LIMIT = 128 * 1024;

Deno.test("permissions to read 5000 long paths are flags that a system takes, each path in one of them", () => {
  const inputs = Array.from({ length: 5000 }, (_, i) => `/${"é".repeat(100)}/${i}`);
  const flags = permissions({ ...NOTHING, inputs }).filter((flag) => flag.startsWith("--allow-read="));
  assert(flags.every((flag) => new TextEncoder().encode(flag).length < LIMIT));
  assertEquals(flags.flatMap((flag) => flag.slice("--allow-read=".length).split(",")), inputs);
});

Deno.test("a path that is granted twice is written once, and none gives no flag", () => {
  assertEquals(permissions({ ...NOTHING, inputs: ["/a"], code: ["/a"] }), [
    "--no-prompt",
    "--allow-read=/a",
    "--ignore-env",
  ]);
  assertEquals(permissions(NOTHING), ["--no-prompt", "--ignore-env"]);
});

Deno.test("a file behind a link is open to a stage, under the name that leads to it and once it is open", async () => {
  const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "inputs-" }));
  await Deno.mkdir(join(root, "disk"));
  await Deno.writeTextFile(join(root, "disk/number"), "1");
  await Deno.symlink(join(root, "disk"), join(root, "link"));
  const module = join(root, "stage.js");
  await Deno.writeTextFile(
    module,
    "using file = Deno.openSync(Deno.args[0]); console.log(file.statSync().size);",
  );
  const flags = permissions({ ...NOTHING, inputs: [join(root, "link")], code: [module] });
  const args = ["run", "--no-config", "--no-lock", ...flags, module, join(root, "link/number")];
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  assertEquals(new TextDecoder().decode(stdout), "1\n", new TextDecoder().decode(stderr));
  await Deno.remove(root, { recursive: true });
});

/** Reads the number in every input, and reports if it may read beside them. */
const STAGE = `export async function run(_context, _params, { all }) {
  let sum = 0;
  for (const { dir } of all) sum += Number(await Deno.readTextFile(dir + "/number"));
  const beside = await Deno.readTextFile(all[0].dir + "x/number").then(() => true, () => false);
  return { sum, beside };
}`;

Deno.test("a stage with 2000 inputs of long paths and long keys reads them, and nothing beside them", async () => {
  const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "inputs-" }));
  try {
    const long = "n".repeat(200);
    const dirs = Array.from({ length: 2000 }, (_, i) => join(root, long, `input-${i}`));
    for (const dir of [...dirs, `${dirs[0]}x`]) await Deno.mkdir(dir, { recursive: true });
    await Promise.all(dirs.map((dir, i) => Deno.writeTextFile(join(dir, "number"), String(i))));
    await Deno.writeTextFile(join(`${dirs[0]}x`, "number"), "1");
    const module = join(root, "stage.js");
    await Deno.writeTextFile(module, STAGE);
    const key = { code: { "a.ts": "f".repeat(10_000) } };
    const job = {
      run: pathToFileURL(module).href,
      modules: {},
      params: {},
      inputs: { all: dirs.map((dir) => ({ dir, key, files: { number: "" } })) },
      scratch: root,
      hints: {},
      mark: "\u001emark ",
    } as unknown as Job;
    const grants = { ...NOTHING, inputs: dirs, code: [module] };
    await using guard = new Guard();
    using log = await LogFile.open(join(root, "log"));
    const outcome = await runChild(job, {
      flags: ["--no-config", "--no-lock", ...permissions(grants)],
      cwd: root,
      env: environmentVariables(grants, root),
      log,
      loaded: () => {},
      progress: () => {},
      guard,
      signal: new AbortController().signal,
    });
    assert(outcome.type === "result", JSON.stringify(outcome));
    assertEquals(outcome.meta, { sum: 1999 * 1000, beside: false });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
