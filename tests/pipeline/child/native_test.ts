import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { nativeLibraries } from "../../../pipeline/backend.ts";
import { environmentVariables, type Grants, permissions } from "../../../pipeline/child/sandbox.ts";
import { Workspace } from "../../fixtures/test_workspace.ts";

const library = "/opt/none/library.so";

/** Reads a variable of the process as native code sees it; the runtime is told that there are none. */
const GETENV = `
    const { symbols } = Deno.dlopen(context.library!, {
      getenv: { parameters: ["buffer"], result: "pointer" },
      atoi: { parameters: ["pointer"], result: "i32" },
    });
    const seen = symbols.getenv(new TextEncoder().encode("THREADS\\0"));
    context.record("threads", seen === null ? null : symbols.atoi(seen));
    context.record("variable", Deno.env.get("THREADS") ?? null);
`;

Deno.test("a process loads a native library if and only if its stage computes tensors on a backend that has one", () => {
  for (const numeric of [true, false, undefined]) {
    for (const own of [library, undefined]) {
      const native = nativeLibraries({ numeric }, { name: "any", environment: {}, library: own });
      assertEquals(native, numeric === true && own !== undefined ? [library] : [], `${numeric}, ${own}`);
    }
  }
});

Deno.test("a native library adds the permission to load it, and no other", () => {
  const grants: Grants = {
    inputs: ["/in"],
    code: ["/code.ts"],
    packages: [],
    files: [],
    variables: [],
    out: ["/out"],
    scratch: [],
    network: false,
    native: [],
  };
  const confined = permissions(grants);
  assert(!confined.some((flag) => flag.startsWith("--allow-ffi")));
  const loading = permissions({ ...grants, native: [library] });
  assertEquals(loading.filter((flag) => !confined.includes(flag)), [
    `--allow-read=/in,/code.ts,${library},/out`,
    `--allow-ffi=${library}`,
  ]);
  assertEquals(
    environmentVariables({ ...grants, native: [library] }, "/scratch"),
    environmentVariables(grants, "/scratch"),
  );
});

Deno.test("on a native backend, stages that compute tensors load its library with its variables, and run.json says so", async () => {
  await using workspace = await Workspace.create();
  await workspace.edit(
    "stages/apply_model/run.ts",
    "  const { default: apply }",
    `${GETENV}  const { default: apply }`,
  );
  const { stdout } = await workspace.run("reproduce", "--backend", "native", "--jobs", "1");
  assertStringIncludes(stdout, "apply-model[double,0] kept the device half busy");
  assert(!stdout.includes("numbers kept"), "a stage without tensors computes on no device");
  const status = await workspace.status("--backend", "native");
  const runOf = async (id: string) => JSON.parse(await workspace.read(status[id].dir!, "run.json"));
  const { sandboxed, backend, records } = await runOf("apply-model[double,0]");
  assertEquals({ sandboxed, backend, records }, {
    sandboxed: false,
    backend: "native",
    records: { threads: 1, variable: null, device: { busy: 0.5 } },
  });
  assertEquals((await runOf("numbers")).sandboxed, true);
});

Deno.test("a stage without tensors cannot load a library, though the backend has one", async () => {
  await using workspace = await Workspace.create();
  await workspace.edit(
    "stages/numbers/run.ts",
    "  const numbers =",
    `  Deno.dlopen(context.library ?? "/lib/x.so", {});\n  const numbers =`,
  );
  const { failed } = await workspace.reproduce("--backend", "native");
  assertEquals(failed, ["numbers"]);
  assertStringIncludes((await workspace.run("log", "numbers")).stdout, "Requires ffi access");
});

Deno.test("auto says which backend it takes and why, and is content with what another made", async () => {
  await using workspace = await Workspace.create();
  const first = (text: string) => JSON.parse(text.split("\n")[0]);
  const { stdout } = await workspace.run("reproduce", "--backend", "auto", "--dry-run", "--json");
  assertEquals(first(stdout), {
    type: "backend",
    name: "native",
    reason: "it is the best for a test",
    environment: { backend: "native 1.0" },
    sandboxed: false,
  });
  await workspace.reproduce();
  const { built, fresh } = await workspace.reproduce("--backend", "auto");
  assertEquals([built.length, fresh.length], [0, 5]);
  const plain = await workspace.run("reproduce", "--backend", "auto");
  assertStringIncludes(
    plain.stdout,
    "backend native: it is the best for a test (native 1.0); its stages load native code, which no sandbox holds\n",
  );
  assert((await workspace.run("reproduce", "--dry-run")).stdout.startsWith("Nothing was run"));
});

Deno.test("a flag of few values refuses others and names the nearest", async () => {
  const { parseFlags } = await import("../../../pipeline/cli/flags.ts");
  const flags = { colour: { type: "text", choices: ["red", "blue"], help: "any" } } as const;
  assertEquals(parseFlags(["--colour", "red"], flags, { command: "paint" }).text.colour, "red");
  let message = "";
  try {
    parseFlags(["--colour", "rad"], flags, { command: "paint" });
  } catch (error) {
    message = (error as Error).message;
  }
  assertEquals(message, 'Cannot use --colour rad, did you mean "red"');
});
