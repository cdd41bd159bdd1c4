import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { Workspace } from "../fixtures/test_workspace.ts";

/** Runs the workflow, edits something while `total` waits, and returns what was printed. */
async function editedWhileRunning(
  workspace: Workspace,
  edit: () => Promise<void>,
): Promise<{ readonly code: number; readonly stdout: string }> {
  const process = workspace.spawn("reproduce");
  const output = process.output();
  const waiting = join(workspace.root, "artifacts/.staging");
  for (let tries = 0; tries < 400 && !await hasFile(waiting, "waiting.txt"); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  await edit();
  const { code, stdout } = await output;
  return { code, stdout: new TextDecoder().decode(stdout) };
}

async function hasFile(folder: string, name: string): Promise<boolean> {
  for (const entry of await Array.fromAsync(Deno.readDir(folder)).catch(() => [])) {
    if (await Deno.stat(join(folder, entry.name, name)).then(() => true, () => false)) return true;
  }
  return false;
}

/** A repository whose `total` says that it runs and then waits. */
async function waitingWorkspace(): Promise<Workspace> {
  const workspace = await Workspace.create();
  await workspace.edit(
    "stages/total/run.ts",
    "const worker =",
    'await Deno.writeTextFile(`${context.out}/waiting.txt`, "");\n' +
      "  await new Promise((resolve) => setTimeout(resolve, 1000));\n  const worker =",
  );
  return workspace;
}

Deno.test("an input edited during a run is an error, and the result is not published", async () => {
  await using workspace = await waitingWorkspace();
  const { code, stdout } = await editedWhileRunning(workspace, async () => {
    const { dir } = (await workspace.status())["apply-model[square,0]"];
    await Deno.writeTextFile(join(workspace.root, dir!, "values.json"), "[7]");
  });
  assertEquals(code, 1);
  assertStringIncludes(stdout, "total: a file it read changed while it ran, run the same command again");
  assertEquals((await workspace.status()).total.state, "missing");
  assertEquals((await workspace.reproduce()).built, ["apply-model[square,0]", "total", "report"]);
});

Deno.test("code edited during a run is an error where it changes what the stage does", async () => {
  await using workspace = await waitingWorkspace();
  const { code, stdout } = await editedWhileRunning(
    workspace,
    () => workspace.edit("stages/total/add.ts", "a + b, 0", "a + b, 1"),
  );
  assertEquals(code, 1);
  assertStringIncludes(
    stdout,
    "total: its code changed since the run began (tests/fixtures/workflow/stages/total/add.ts), run the same",
  );
  assertEquals((await workspace.reproduce()).built, ["total", "report"]);
});

Deno.test("code of a later stage edited during a run is not taken for what its key says", async () => {
  await using workspace = await waitingWorkspace();
  const { code, stdout } = await editedWhileRunning(
    workspace,
    () => workspace.edit("stages/report/run.ts", "total ${total", "sum ${total"),
  );
  assertEquals(code, 1);
  assertStringIncludes(stdout, "report: its code changed since the run began");
  assertEquals((await workspace.reproduce()).built, ["report"]);
});

Deno.test("a comment written during a run is none of its business", async () => {
  await using workspace = await waitingWorkspace();
  const { code } = await editedWhileRunning(
    workspace,
    () => workspace.edit("stages/total/add.ts", "export function", "// A remark.\nexport function"),
  );
  assertEquals(code, 0);
  assertEquals((await workspace.reproduce()).built, []);
});
