import { join } from "node:path";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { readCsv } from "../../../formats/csv.ts";
import { written } from "./written.ts";

const models = ["dense-join", "avg-join", "cnn", "independent-leaves"];

Deno.test("the claims lead a report, with their numbers in claims.csv", async () => {
  await using report = await written({ models, seeds: [0, 1, 2, 3, 4, 5] }, { of: {} });
  const { rows } = await readCsv(join(report.out, "claims.csv"));
  const of = (claim: number) => rows.filter((row) => row.claim === String(claim));
  assertEquals(of(1).map(({ outcome, seeds }) => [outcome, seeds]), [["undecided", "6"], ["undecided", "6"]]);
  assertEquals(of(2).map(({ outcome }) => outcome), ["not tested"]);
  // The leaves of dense-join overlap and resemble each other less by 0.1, and all of them are right more often by that.
  assertEquals(of(5).map(({ value, outcome }) => [value, outcome]), [["-0.1", "supported"]]);
  assertEquals(of(3).map(({ part, value, part_outcome }) => [part, value, part_outcome]), [
    ["a", "0.1", "supported"],
    ["b", "0.1", "supported"],
  ]);
  assertEquals(of(4)[1].value, "-0.1");
  const [before, after] = ["## The claims", "## Table 1"].map((heading) => report.text.indexOf(heading));
  assertEquals(0 < before && before < after, true);
  assertStringIncludes(report.text, "overlap of maps: joint − independent: [−0.100 (−0.100 to −0.100)]");
});

Deno.test("two seeds, or no control, leave the claims untested, and k-means stands beside the paper's best", async () => {
  await using report = await written({ models, seeds: [0, 1] }, { of: {} });
  const { rows } = await readCsv(join(report.out, "claims.csv"));
  assertEquals([...new Set(rows.map(({ outcome }) => outcome))], ["not tested"]);
  assertStringIncludes(report.text, "*K-means patches (Coates et al. 2011), K = 32: [50.0 (");
  assertStringIncludes(report.text, "*the paper's best row, DenseJoin: 71.8*");
});
