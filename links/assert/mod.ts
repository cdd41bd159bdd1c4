/**
 * A stand-in for `jsr:@std/assert` where JSR cannot be reached: the functions this project uses, with the same names
 * and signatures, over `node:assert/strict`. `deno unlink @std/assert` switches to the real one.
 *
 * @module
 */
import * as node from "node:assert/strict";

export { AssertionError } from "node:assert/strict";

// deno-lint-ignore no-explicit-any
type ErrorClass<E extends Error> = new (...args: any[]) => E;

export function assert(condition: unknown, message = ""): asserts condition {
  node.ok(condition, message || "expected a truthy value");
}

export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  node.deepStrictEqual(actual, expected, message);
}

export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  node.notDeepStrictEqual(actual, expected, message);
}

export function assertStrictEquals<T>(actual: unknown, expected: T, message?: string): asserts actual is T {
  node.strictEqual(actual, expected, message);
}

export function assertExists<T>(actual: T, message?: string): asserts actual is NonNullable<T> {
  node.ok(actual !== undefined && actual !== null, message ?? `expected a value, got ${actual}`);
}

export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  message?: string,
): void {
  const within = tolerance ?? (Number.isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7);
  const close = Object.is(actual, expected) || Math.abs(actual - expected) <= within;
  node.ok(close, message ?? `expected ${actual} to be within ${within} of ${expected}`);
}

export function assertGreater<T>(actual: T, expected: T, message?: string): void {
  node.ok(actual > expected, message ?? `expected ${actual} > ${expected}`);
}

export function assertGreaterOrEqual<T>(actual: T, expected: T, message?: string): void {
  node.ok(actual >= expected, message ?? `expected ${actual} >= ${expected}`);
}

export function assertLess<T>(actual: T, expected: T, message?: string): void {
  node.ok(actual < expected, message ?? `expected ${actual} < ${expected}`);
}

export function assertLessOrEqual<T>(actual: T, expected: T, message?: string): void {
  node.ok(actual <= expected, message ?? `expected ${actual} <= ${expected}`);
}

export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  node.ok(
    actual.includes(expected),
    message ?? `expected ${JSON.stringify(actual)} to contain ${JSON.stringify(expected)}`,
  );
}

export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  node.match(actual, expected, message);
}

export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: ErrorClass<E> = Error as unknown as ErrorClass<E>,
  includes = "",
  message?: string,
): E {
  try {
    fn();
  } catch (error) {
    return checked(error, ErrorClass, includes, message);
  }
  throw new node.AssertionError({ message: message ?? "expected the function to throw" });
}

export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: ErrorClass<E> = Error as unknown as ErrorClass<E>,
  includes = "",
  message?: string,
): Promise<E> {
  try {
    await fn();
  } catch (error) {
    return checked(error, ErrorClass, includes, message);
  }
  throw new node.AssertionError({ message: message ?? "expected the promise to reject" });
}

export function fail(message?: string): never {
  node.fail(message ?? "failed");
}

function checked<E extends Error>(
  error: unknown,
  ErrorClass: ErrorClass<E>,
  includes: string,
  message?: string,
): E {
  node.ok(error instanceof ErrorClass, message ?? `expected ${ErrorClass.name}, got ${error}`);
  assertStringIncludes(error.message, includes, message);
  return error;
}
