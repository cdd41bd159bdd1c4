import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { isBug, messageOf } from "../../../pipeline/base/errors.ts";
import { failure } from "../../../pipeline/child/run_stage.ts";

const caused = (message: string, cause: unknown) => new Error(message, { cause });

Deno.test("a cause is said once", () => {
  const inner = new Error("the disk is full");
  assertEquals(messageOf(caused("Cannot write x", inner)), "Cannot write x: the disk is full");
  assertEquals(
    messageOf(caused("Cannot write x: the disk is full, free some", inner)),
    "Cannot write x: the disk is full, free some",
  );
  assertEquals(
    messageOf(caused("Cannot write x", caused("Cannot write x", inner))),
    "Cannot write x: the disk is full",
  );
  assertEquals(
    messageOf(caused("the disk is full", caused("Cannot write x: the disk is full.", null))),
    "Cannot write x: the disk is full: it failed without a reason",
  );
  const circle = new Error("a");
  circle.cause = caused("b", circle);
  assertEquals(messageOf(circle), "a: b");
});

Deno.test("errors that stand for several name each once", () => {
  const all = new AggregateError([new Error("one"), new Error("two"), new Error("one")], "none answered");
  assertEquals(messageOf(all), "none answered: one: two");
  assertEquals(
    messageOf(caused("Cannot fetch", new AggregateError([new Error("one"), "two"]))),
    "Cannot fetch: several things failed: one: two",
  );
});

Deno.test("whatever is thrown is said in words, in bounds and without a final period", () => {
  assertEquals(messageOf("It failed."), "It failed");
  assertEquals(messageOf(new Error("Wait...")), "Wait...");
  assertEquals(messageOf(new TypeError("")), "it failed without a reason (TypeError)");
  for (const nothing of [undefined, null, "", " "]) {
    assertEquals(messageOf(nothing), "it failed without a reason");
  }
  assertEquals(messageOf({ code: 7 }), "{ code: 7 }");
  assertEquals(messageOf({ message: "as a record" }), "as a record");
  assertEquals(messageOf(404), "404");
  assertEquals(
    messageOf(new Error("error: no file\n\nCaused by:\n    gone\n\nStack backtrace:\n   0: <unknown>")),
    "error: no file\nCaused by:\n    gone",
  );
  const long = messageOf(new Error("x".repeat(1e6)));
  assert(long.length < 2100 && long.endsWith("(and 998000 characters more)"), long.slice(-50));
});

Deno.test("words of the language are called a bug, with the place, and the stack is kept for the log", () => {
  const wrong: readonly (() => unknown)[] = [
    () => (undefined as unknown as { x: number }).x,
    () => (null as unknown as { x: number }).x = 1,
    () => (3 as unknown as () => void)(),
    () => [...(7 as unknown as number[])],
    () => [].reduce((a) => a),
    () =>
      JSON.stringify(
        globalThis.self && (() => {
          const o: { o?: unknown } = {};
          return o.o = o;
        })(),
      ),
    () => BigInt(1) + (1 as unknown as bigint),
    () =>
      (function deep(): number {
        return 1 + deep();
      })(),
  ];
  for (const [i, run] of wrong.entries()) {
    let thrown: unknown;
    try {
      run();
    } catch (error) {
      thrown = error;
    }
    if (!isBug(thrown)) {
      assertEquals(i, 6, `${thrown}`);
      continue;
    }
    assertMatch(
      messageOf(thrown),
      /^This is a bug \(a (Type|Range)Error.*\): run it again with PIPELINE_DEBUG=1/,
      `${thrown}`,
    );
    const { message, stack } = failure(thrown) as { message: string; stack: string };
    assert(!/undefined|null|reading/.test(message) && stack.includes((thrown as Error).message));
  }
});

Deno.test("an array that no machine has room for is called that", () => {
  for (const length of [2 ** 40, -1]) {
    const { message } = assertThrows(() => new Float32Array(length));
    assertMatch(messageOf(new RangeError(message)), /^it needs more memory than a process can have \(/);
  }
});

Deno.test("an error of ours and one of the network are no bugs", () => {
  assert(!isBug(new RangeError("Cannot train: there are 3 images")));
  assert(!isBug(new TypeError("error sending request for url (http://127.0.0.1/)")));
  assert(!isBug(new TypeError("Invalid URL: 'x'")));
});
