import { assertEquals } from "@std/assert";
import { differences, type Keyed } from "../../pipeline/reasons.ts";
import type { Digest, Key } from "../../pipeline/types.ts";

const digest = (letter: string) => letter.repeat(64) as Digest;

const KEY: Key = {
  stage: "train",
  params: { epochs: 5, head: { hidden: 64 }, strides: [2, 1], deep: [{ a: 1 }] },
  code: { stage: digest("a"), model: digest("b") },
  packages: { "zod@4.6.7": "sha512-1", "@scope/tool@1.0.0": "sha512-2", "gone@1.0.0": "sha512-3" },
  inputs: { data: digest("c"), "views views[0]": digest("d") },
  environment: { backend: "wasm 4.22.0", fma: "no" },
};
const MODULES = {
  "stages/train.ts": digest("a"),
  "stages/old.ts": digest("b"),
  "stages/moved.ts": digest("c"),
};
const MADE: Keyed = { key: KEY, modules: MODULES };

Deno.test("a key is the same as itself", () => {
  assertEquals(differences(MADE, MADE, { strict: true }), []);
});

Deno.test("every part of a key has its own reason", () => {
  const changed: Key = {
    ...KEY,
    params: { epochs: 6, head: { hidden: 128, bottleneck: 8 }, strides: [1, 1], deep: [{ a: 2 }] },
    code: { stage: digest("e"), model: digest("b") },
    packages: { "zod@4.6.8": "sha512-1", "@scope/tool@1.0.0": "sha512-9", "come@1.0.0": "sha512-3" },
    inputs: { data: digest("f"), "views views[0]": digest("d") },
    environment: { backend: "cpu 4.22.0", fma: "no" },
  };
  const modules = {
    "stages/train.ts": digest("e"),
    "stages/new.ts": digest("d"),
    "lib/moved.ts": digest("c"),
  };
  assertEquals(differences(MADE, { key: changed, modules }, { strict: true }), [
    "config changed: train.deep.0.a 1 → 2",
    "config changed: train.epochs 5 → 6",
    "config changed: train.head.bottleneck absent → 8",
    "config changed: train.head.hidden 64 → 128",
    "config changed: train.strides [2,1] → [1,1]",
    "code added: stages/new.ts",
    "code removed: stages/old.ts",
    "code changed: stages/train.ts",
    "package changed: zod@4.6.7 → zod@4.6.8",
    "package removed: gone@1.0.0",
    "package added: come@1.0.0",
    "package changed: @scope/tool@1.0.0 has other bytes (integrity sha512-2 → sha512-9)",
    "input changed: data cccccccc → ffffffff",
    "environment changed: backend wasm 4.22.0 → cpu 4.22.0",
  ]);
});

Deno.test("modules that moved, or changed where no key has them, are no difference", () => {
  const modules = { "lib/train.ts": digest("a"), "stages/old.ts": digest("f") };
  assertEquals(differences(MADE, { key: KEY, modules }), []);
});

Deno.test("code that differs while each of its modules is the same is said to import otherwise", () => {
  const key = { ...KEY, code: { ...KEY.code, model: digest("f") } };
  assertEquals(differences(MADE, { ...MADE, key }), ["code changed: imports of the model"]);
});

Deno.test("the environment counts only where it is demanded", () => {
  assertEquals(differences(MADE, { key: { ...KEY, environment: {} }, modules: MODULES }), []);
});

Deno.test("an input that is not known yet is no difference", () => {
  const key = { ...KEY, inputs: { ...KEY.inputs, data: undefined } };
  assertEquals(differences(MADE, { key, modules: MODULES }), []);
});
