import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { UsageError } from "../../../pipeline/base/errors.ts";
import { override, refuseContradiction, reportName } from "../../../pipeline/tasks/override.ts";

const profile = {
  summary: "",
  seeds: [0],
  train: { epochs: 1, lr: { from: 0.1 }, method: "dino", note: null },
};

Deno.test("--set replaces a field, by JSON or by text", () => {
  assertEquals(override(profile, "train.epochs=3").train, { ...profile.train, epochs: 3 });
  assertEquals(override(profile, "train.lr.from=0.5").train, { ...profile.train, lr: { from: 0.5 } });
  assertEquals(override(profile, "train.method=byol").train, { ...profile.train, method: "byol" });
  assertEquals(override(profile, "train.note.by=ada").train, { ...profile.train, note: { by: "ada" } });
  assertEquals(override(profile, "seeds=[0,1]").seeds, [0, 1]);
  assertEquals(override(profile, 'summary="a=b"').summary, "a=b");
});

Deno.test("--set refuses what it would have to guess, with the right form", () => {
  const cases: [string, string][] = [
    ["seeds.length=5", "seeds is a list, set it whole: --set 'seeds=[0]'"],
    ["seeds.map=5", "seeds is a list, set it whole"],
    ["seeds.0=5", "seeds is a list, set it whole"],
    ["seeds[0]=5", "seeds is a list, set it whole: --set 'seeds=[0]'"],
    ["seeds=5", "seeds is a list, set it whole: --set 'seeds=[0]'"],
    ["seeds=0,1", "seeds is a list, set it whole: --set 'seeds=[0]'"],
    ["seeds.-1=5", "seeds is a list, set it whole"],
    ["train.epochs.x=5", "train.epochs is 1, set it whole: --set 'train.epochs=1'"],
    ["train.method.length=5", `train.method is "dino", set it whole`],
    ["__proto__.x=5", "no field is called __proto__"],
    ["train.__proto__=5", "no field is called __proto__"],
    ["train.constructor=5", "no field is called constructor"],
    ["toString=5", "no field is called toString"],
    ["train", "expected FIELD=VALUE"],
    ["=5", "expected FIELD=VALUE"],
    ["train..epochs=5", "expected FIELD=VALUE"],
    [".train=5", "expected FIELD=VALUE"],
    ["train.=5", "expected FIELD=VALUE"],
    ["train.epochs=", "expected FIELD=VALUE"],
    ["train.epochs=1e999", "the number is too large"],
    ["seeds=[1,-1e999]", "the number is too large"],
    ["seeds=[0,1", "[0,1 is not JSON, quote it for the shell"],
    ['summary="a', '"a is not JSON'],
  ];
  for (const [assignment, message] of cases) {
    const { message: said } = assertThrows(
      () => override(profile, assignment),
      UsageError,
      undefined,
      assignment,
    );
    assertStringIncludes(said, `Cannot apply --set ${assignment}: `);
    assertStringIncludes(said, message);
  }
  assertEquals(Object.hasOwn(Object.prototype, "x"), false);
});

Deno.test("a field that is set to two values is refused, one that is set twice to the same is not", () => {
  refuseContradiction({ set: ["train.epochs=3", "train.lr.from=1", "train.epochs=3"] });
  assertThrows(
    () => refuseContradiction({ set: ["train.epochs=3", "train.epochs=4"] }),
    UsageError,
    "Cannot apply --set train.epochs=4 after --set train.epochs=3: set train.epochs once",
  );
});

Deno.test("a field is swept once, and not set besides", () => {
  refuseContradiction({ set: ["a=1"], sweep: ["b=1,2", "b=1,2", "c=1"] });
  assertThrows(
    () => refuseContradiction({ set: [], sweep: ["a=1,2", "a=3"] }),
    UsageError,
    "Cannot apply --sweep a=3 after --sweep a=1,2: set a once",
  );
  assertThrows(
    () => refuseContradiction({ set: ["a=1"], sweep: ["a=1,2"] }),
    UsageError,
    "Cannot apply --sweep a=1,2 after --set a=1: set a once",
  );
});

Deno.test("a profile with other values has a folder of reports by their names, in whatever order", () => {
  assertEquals(reportName("quick", ["train.epochs=3"]), "quick+train.epochs=3");
  assertEquals(reportName("quick", ["train.epochs=3", "seeds=[0,1]"]), "quick+seeds=[0,1]+train.epochs=3");
  const [path, other] = ['summary="../a/b"', 'summary="../a:b"'].map((set) => reportName("quick", [set]));
  assertEquals([path.replace(/[0-9a-f]{8}$/, ""), path === other], ["quick+summary=-..-a-b--", false]);
  assertEquals(reportName("quick", ["seeds=[1]", "seeds=[1]"]), "quick+seeds=[1]");
  const long = `seeds=[${Array(99).fill(1).join(",")}]`;
  assertEquals(reportName("quick", [long]).length, 115);
  const names = ["über", "öber", "ぁ".repeat(80), `${"ぁ".repeat(80)}a`].map((name) =>
    reportName(name, [long])
  );
  assertEquals(new Set(names).size, 4);
  assertEquals(names[0].startsWith("über+seeds=["), true);
  assertEquals(names.every((name) => new TextEncoder().encode(name).length <= 255), true);
});
