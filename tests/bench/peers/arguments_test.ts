import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseArguments, wanted } from "./arguments.ts";

const offer = { names: ["probe/one", "rerun/no-op/ninja"], backends: ["wasm"] };

Deno.test("without arguments everything is compared, three runs a side", () => {
  assertEquals(parseArguments([], offer), { only: [], backend: undefined, runs: 3, json: false });
});

Deno.test("arguments say what is compared, how often and on what", () => {
  const args = parseArguments([
    "--only",
    "rerun",
    "--only",
    "probe",
    "--runs",
    "5",
    "--backend",
    "wasm",
    "--json",
  ], offer);
  assertEquals(args, { only: ["rerun", "probe"], backend: "wasm", runs: 5, json: true });
});

Deno.test("a name is asked for by whole words of its beginning", () => {
  const names = ["rerun/no-op/ninja", "rerun/no-op", "rerun"];
  assertEquals(names.map((only) => wanted([only])("rerun/no-op/ninja")), [true, true, true]);
  assertEquals(["rer", "no-op", "rerun/no-op/ninja/x"].map((only) => wanted([only])("rerun/no-op/ninja")), [
    false,
    false,
    false,
  ]);
});

Deno.test("a wrong argument is named, with what could be asked for", () => {
  const cases = [
    [
      ["--only", "pro"],
      'Cannot compare "pro": no name starts so, expected one of probe/one, rerun/no-op/ninja',
    ],
    [["--backend", "gpu"], 'Cannot compare backend "gpu": it is not here, expected one of wasm'],
    [["--runs", "0"], 'Cannot compare: --runs is "0", expected a whole number of at least 1'],
    [["--runs", "many"], 'Cannot compare: --runs is "many", expected a whole number of at least 1'],
    [
      ["--jsn"],
      'Cannot compare: unknown argument "--jsn", expected --only NAME, --backend B, --runs N or --json',
    ],
    [
      ["probe"],
      'Cannot compare: unknown argument "probe", expected --only NAME, --backend B, --runs N or --json',
    ],
  ] as const;
  for (const [args, message] of cases) {
    const error = assertThrows(() => parseArguments(args, offer), Error);
    assertEquals((error as Error).message, message);
  }
});

Deno.test("the command ends with 2 and one line where its arguments are wrong", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "-A",
      "--frozen",
      fileURLToPath(new URL("./peers.ts", import.meta.url)),
      "--only",
      "x",
    ],
  }).output();
  assertEquals(code, 2);
  const lines = new TextDecoder().decode(stderr).trim().split("\n");
  assertEquals(lines.length, 1);
  assert(
    lines[0].startsWith('Cannot compare "x": no name starts so, expected one of train-step/dense-join-8, '),
  );
});
