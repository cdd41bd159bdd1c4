import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { canonical, digestOf, sha256 } from "../../../pipeline/base/json.ts";

Deno.test("canonical JSON does not depend on the order of keys", () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (record) => {
    const reversed = Object.fromEntries(Object.entries(record).reverse());
    assertEquals(canonical(reversed), canonical(record));
  }));
});

Deno.test("canonical JSON keeps the value", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    assertEquals(JSON.parse(canonical(value)), JSON.parse(JSON.stringify(value)));
  }));
});

Deno.test("different values have different digests", () => {
  fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
    fc.pre(canonical(a) !== canonical(b));
    assertNotEquals(digestOf(a), digestOf(b));
  }));
});

Deno.test("numbers are written as RFC 8785 says", () => {
  assertEquals(canonical([1.0, 1e21, 1e-7, -0, 333333333.33333329]), "[1,1e+21,1e-7,0,333333333.3333333]");
});

Deno.test("what JSON cannot hold is refused", () => {
  assertThrows(() => canonical({ loss: NaN }));
  assertThrows(() => canonical(undefined));
});

Deno.test("sha256 is the standard one", () => {
  assertEquals(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});
