import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { hintFlags } from "../../../pipeline/cli/build.ts";
import type { Flags } from "../../../pipeline/workflow.ts";
import { parseFlags, peek, positiveInteger, UnknownFlagError } from "../../../pipeline/cli/flags.ts";
import { restore } from "../../../pipeline/cli/commands/restore_command.ts";
import { verify } from "../../../pipeline/cli/commands/verify_command.ts";
import { UsageError } from "../../../pipeline/base/errors.ts";
import { pathFrom, said, standingIn } from "../../../pipeline/base/user_paths.ts";
import { nearest } from "../../../pipeline/base/suggestion.ts";
import { pipeline } from "../../../workflow/mod.ts";

const flags: Flags = {
  "dry-run": { type: "switch", help: "" },
  all: { type: "switch", help: "" },
  jobs: { type: "text", help: "" },
  out: { type: "path", help: "" },
  source: { type: "path", words: ["npm", "official"], help: "" },
  set: { type: "list", help: "" },
};

const parsed = (...args: string[]) =>
  parseFlags(args, flags, { command: "clean", usage: "FILE", most: 1, paths: true, here: "/home/ada" });

Deno.test("a switch is on or off, by itself or by true or false", () => {
  assertEquals(parsed().on, { "dry-run": false, all: false });
  assertEquals(parsed("--dry-run").on["dry-run"], true);
  assertEquals(parsed("--dry-run=true").on["dry-run"], true);
  assertEquals(parsed("--dry-run=false").on["dry-run"], false);
  assertEquals(parsed("--dry-run", "--dry-run=true").on["dry-run"], true);
});

Deno.test("whatever is not exactly a declared flag is refused, with the right form", () => {
  const cases: [string[], string][] = [
    [["--dry-run=yes"], '--dry-run is "yes", expected true or false: write --dry-run or --dry-run=false'],
    [["--dry-run=1"], '--dry-run is "1"'],
    [["--dry-run="], '--dry-run is ""'],
    [["--dry-run=TRUE"], '--dry-run is "TRUE"'],
    [["--dry-run", "true"], 'unexpected argument "true" behind --dry-run, write --dry-run or'],
    [["--dry-run", "no"], 'unexpected argument "no" behind --dry-run'],
    [["--no-dry-run"], "unknown flag --no-dry-run, write --dry-run=false"],
    [["--dry-run", "--dry-run=false"], '--dry-run is both "true" and "false", give it once'],
    [["--dryrun"], 'unknown flag --dryrun, did you mean "--dry-run"'],
    [["--dry"], 'unknown flag --dry, did you mean "--dry-run"'],
    [["-n"], "unknown flag -n"],
    [["-all"], "unknown flag -a"],
    [["--__proto__=1"], "unknown flag --__proto__"],
    [["--constructor"], "unknown flag --constructor"],
    [["--jobs"], "--jobs needs a value"],
    [["--jobs="], "--jobs needs a value"],
    [["--out", "--all"], "--out needs a value, --all follows it; if that is the value, write --out=--all"],
    [["--jobs", "-1"], "--jobs needs a value, -1 follows it"],
    [["--set"], "--set needs a value"],
    [["--jobs", "1", "--jobs=2"], '--jobs is both "1" and "2", give it once'],
    [["a", "b"], 'unexpected argument "b", see deno task clean --help'],
    [["a", "--", "--all"], 'unexpected argument "--all"'],
  ];
  for (const [args, message] of cases) {
    const { message: said } = assertThrows(() => parsed(...args), UsageError, undefined, args.join(" "));
    assertStringIncludes(said, message);
  }
});

Deno.test("a flag that is no near miss is not taken for another", () => {
  for (const far of ["epochs", "force", "seed", "job-count"]) {
    const error = assertThrows(() => parsed(`--${far}`), UnknownFlagError);
    assertEquals([error.flag, error.message.includes("did you mean")], [far, false]);
  }
  const names = ["jobs", "source", "set", "profile", "out", "dry-run"];
  for (const far of ["epochs", "force", "seed", "steps"]) assertEquals(nearest(far, names), undefined);
  assertEquals(["profle", "prof", "output", "dyr-run"].map((near) => nearest(near, names)), [
    "profile",
    "profile",
    "out",
    "dry-run",
  ]);
});

Deno.test("paths are from where the user stands, words and URLs of the web are none, and what was typed is recorded", () => {
  const { names, text, line } = parsed("../x.zip", "--out", "./a/../b.png", "--source=npm");
  assertEquals(names, ["/home/x.zip"]);
  assertEquals(text, { jobs: undefined, out: "/home/ada/b.png", source: "npm" });
  assertEquals(line, "deno task clean ../x.zip --out ./a/../b.png --source=npm");
  assertEquals(parsed("--source", "https://x.org/a.tgz").text.source, "https://x.org/a.tgz");
  assertEquals(parsed("--source", "official/").text.source, "/home/ada/official");
  assertEquals(pathFrom("/home", "file:///tmp/a%20b"), "/tmp/a b");
  assertEquals(pathFrom("/home", "a:b"), "/home/a:b");
  assertThrows(() => pathFrom("/home", "file://host/x"), UsageError, "give it as a path");
  assertEquals([said("/home/ada", "/home/ada/b.png"), said("/home/ada/deep", "/x")], ["b.png", "/x"]);
});

Deno.test("every file and folder that a command is given is declared as a path", async () => {
  assertEquals((await hintFlags(pipeline, "quick")).source.type, "path");
  const { predict, "setup:tensorflow": setup } = pipeline.commands;
  assertEquals([(await predict()).names?.paths, verify.names?.paths, restore.names?.paths], [
    true,
    true,
    true,
  ]);
  assertEquals([(await predict()).flags.out.type, (await setup()).flags.libtensorflow.type], [
    "path",
    "path",
  ]);
});

Deno.test("the user stands where deno task was typed, unless that was in another repository", async () => {
  const root = await Deno.realPath(await Deno.makeTempDir());
  const cwd = Deno.cwd();
  try {
    await Deno.mkdir(`${root}/sub`);
    Deno.chdir(root);
    assertEquals(standingIn(`${root}/`, `${root}/sub`), `${root}/sub`);
    for (const stale of [undefined, "sub", `${root}/gone`, "/"]) assertEquals(standingIn(root, stale), root);
    Deno.chdir(`${root}/sub`);
    assertEquals(standingIn(root, root), `${root}/sub`, "a direct run says where by itself");
  } finally {
    Deno.chdir(cwd);
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("a flag may be looked at before the others are known", () => {
  assertEquals(peek(["--x", "--profile", "cpu", "--profile=paper"], "profile"), "paper");
  assertEquals(peek(["--profile"], "profile"), undefined);
});

Deno.test("numbers of cores are whole, and not more than there can be", () => {
  assertEquals(["1", "16", "1024", undefined].map((text) => positiveInteger(text, "jobs")), [
    1,
    16,
    1024,
    undefined,
  ]);
  for (const bad of ["0", "-1", "1.5", "1e3", "01", " 2", "99999999", "1025"]) {
    assert(
      assertThrows(() => positiveInteger(bad, "jobs"), UsageError).message.includes("whole number of at"),
    );
  }
});
