import { assertEquals } from "@std/assert";
import {
  compact,
  flops,
  listed,
  percent,
  plural,
  points,
  spread,
  thousands,
} from "../../../formats/written_numbers.ts";

Deno.test("the SD is the sample's, and a single value has none", () => {
  assertEquals(spread([0.5]), { mean: 0.5 });
  assertEquals(spread([1, 3]), { mean: 2, sd: Math.SQRT2 });
});

Deno.test("numbers are printed the same everywhere", () => {
  assertEquals([0, 999, 1000, 23_508_032].map(thousands), ["0", "999", "1,000", "23,508,032"]);
  assertEquals([0.7184, 1, 0].map(percent), ["71.8", "100.0", "0.0"]);
  assertEquals([4.02984, 6, 0.00012345].map((value) => compact(value, 2)), ["4", "6", "0.00012"]);
  assertEquals([0.0123, -0.0123, 0.0004, -0.0004].map(points), ["+1.2", "−1.2", "0.0", "0.0"]);
  assertEquals([0, 999, 1_500, 2.46e13].map(flops), ["0 FLOP", "1000 FLOP", "1.5 kFLOP", "25 TFLOP"]);
  assertEquals([plural(1, "model"), plural(1200, "leaf", "leaves")], ["1 model", "1,200 leaves"]);
  assertEquals(listed(["a", "b", "c"], "or"), "a, b or c");
  assertEquals([listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])], [
    "",
    "a",
    "a and b",
    "a, b and c",
  ]);
});
