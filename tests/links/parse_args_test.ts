import { assertEquals } from "@std/assert";
import { parseArgs } from "@std/cli";

const options = {
  boolean: ["json"],
  string: ["profile", "set"],
  collect: ["set"],
  default: { profile: "quick" },
  alias: { h: "json" },
};

Deno.test("parseArgs gives absent flags their defaults", () => {
  assertEquals(parseArgs([], options), { _: [], json: false, set: [], profile: "quick" });
});

Deno.test("parseArgs reads values after a space and after an equals sign", () => {
  assertEquals(parseArgs(["--profile", "cpu"], options).profile, "cpu");
  assertEquals(parseArgs(["--profile=cpu"], options).profile, "cpu");
});

Deno.test("parseArgs collects repeated flags in order", () => {
  const parsed = parseArgs(["--set", "a=1", "--set=b=2"], options);
  assertEquals(parsed.set, ["a=1", "b=2"]);
});

Deno.test("parseArgs does not take a positional for a boolean's value", () => {
  assertEquals(parseArgs(["--json", "probe"], options), {
    _: ["probe"],
    json: true,
    set: [],
    profile: "quick",
  });
});

Deno.test("parseArgs takes a boolean for true unless its value is false, and collects it where asked", () => {
  const parsed = parseArgs(["--json", "--json=false", "--json=yes"], {
    boolean: ["json"],
    collect: ["json"],
  });
  assertEquals(parsed.json, [true, false, true]);
  assertEquals(parseArgs([], { boolean: ["json"], collect: ["json"] }).json, []);
});

Deno.test("parseArgs hands undeclared flags and positionals to unknown", () => {
  const seen: string[] = [];
  const unknown = (argument: string) => (seen.push(argument), false);
  assertEquals(parseArgs(["--jsno", "x"], { ...options, unknown })._, []);
  assertEquals(seen, ["--jsno", "x"]);
});

Deno.test("parseArgs leaves what follows -- alone", () => {
  assertEquals(parseArgs(["--", "--json"], options)._, ["--json"]);
});
