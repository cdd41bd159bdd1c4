import { assertEquals } from "@std/assert";
import { differences } from "../../pipeline/reasons.ts";
import type { Digest, Key } from "../../pipeline/types.ts";

const digest = (letter: string) => letter.repeat(64) as Digest;

const KEY: Key = {
  stage: "train",
  params: { epochs: 5, head: { hidden: 64 }, strides: [2, 1], deep: [{ a: 1 }] },
  code: { "stages/train.ts": digest("a"), "stages/old.ts": digest("b") },
  packages: { "zod@4.6.7": "sha512-1", "@scope/tool@1.0.0": "sha512-2", "gone@1.0.0": "sha512-3" },
  inputs: { data: digest("c"), "views views[0]": digest("d") },
  environment: { backend: "wasm 4.22.0", fma: "no" },
};

Deno.test("a key is the same as itself", () => {
  assertEquals(differences(KEY, KEY, { strict: true }), []);
});

Deno.test("every part of a key has its own reason", () => {
  const changed: Key = {
    ...KEY,
    params: { epochs: 6, head: { hidden: 128, bottleneck: 8 }, strides: [1, 1], deep: [{ a: 2 }] },
    code: { "stages/train.ts": digest("e"), "stages/new.ts": digest("b") },
    packages: { "zod@4.6.8": "sha512-1", "@scope/tool@1.0.0": "sha512-9", "come@1.0.0": "sha512-3" },
    inputs: { data: digest("f"), "views views[0]": digest("d") },
    environment: { backend: "cpu 4.22.0", fma: "no" },
  };
  assertEquals(differences(KEY, changed, { strict: true }), [
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

Deno.test("the environment counts only where it is demanded", () => {
  assertEquals(differences(KEY, { ...KEY, environment: {} }), []);
});

Deno.test("an input that is not known yet is no difference", () => {
  assertEquals(differences(KEY, { ...KEY, inputs: { ...KEY.inputs, data: undefined } }), []);
});
