import { assertEquals, assertThrows } from "@std/assert";
import { z } from "zod";
import { UsageError } from "../../../pipeline/base/errors.ts";
import { parseParameters } from "../../../pipeline/tasks/parse_parameters.ts";

const schema = z.object({
  rate: z.number().gt(0).max(10),
  seed: z.int(),
  views: z.array(z.strictObject({ size: z.int().default(8) })).default([]),
});
const place = { source: 'profile "quick"', path: "train", given: ["seed"] };
const parse = (value: unknown) => parseParameters(schema, value, place);

Deno.test("parameters are parsed, defaults filled in", () => {
  assertEquals(parse({ rate: 1, seed: 0, views: [{}] }), { rate: 1, seed: 0, views: [{ size: 8 }] });
});

Deno.test("an unknown field is refused before anything else, with the nearest that the user may state", () => {
  for (
    const [value, message] of [
      [{ rat: 1, seed: 0 }, 'Cannot parse profile "quick": unknown field train.rat, did you mean "rate"'],
      [{ rate: 1, seeds: 0 }, 'unknown field train.seeds, expected one of "rate", "views"'],
      [{ rate: -1, seed: 0, views: [{ sise: 1 }] }, 'unknown field train.views.0.sise, did you mean "size"'],
    ] as const
  ) assertThrows(() => parse(value), UsageError, message);
});

Deno.test("a value out of range is named with the range", () => {
  assertThrows(
    () => parse({ rate: -1, seed: 0 }),
    UsageError,
    'Cannot parse profile "quick": train.rate is -1, expected a number in (0, 10]',
  );
});
