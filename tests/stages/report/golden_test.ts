/**
 * The whole text of one report, as a reader last accepted it: wording, captions, tables, links.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import type { Sources } from "../../../stages/report/read/sources.ts";
import { asControl, scaled, written } from "./written.ts";

const GOLDEN = fileURLToPath(new URL("./golden.txt", import.meta.url));
const UPDATE = "deno test -A tests/stages/report/golden_test.ts -- --update";

/** A tree, a net with BatchNorm whose training collapsed, and a control. */
function report() {
  const change = (sources: Sources): Sources => {
    const changed = asControl("brand-new")(sources);
    const collapsed = (each: Sources["trained"][number]) =>
      each.point.model === "resnet50"
        ? { ...each, meta: { ...each.meta, health: "collapsed: constant" as const } }
        : each;
    return { ...changed, trained: changed.trained.map(collapsed) };
  };
  return written({ models: ["dense-join", "resnet50", "brand-new"], seeds: [0] }, {
    deviations: scaled,
    change,
  });
}

Deno.test("the report of a small fixed set of artifacts reads as tests/stages/report/golden.txt", async () => {
  await using found = await report();
  if (Deno.args.includes("--update")) await Deno.writeTextFile(GOLDEN, found.text);
  const { stdout } = await new Deno.Command("git", {
    args: ["diff", "--no-index", "--no-color", "-U0", "--", GOLDEN, `${found.out}/REPORT.md`],
  }).output();
  const difference = new TextDecoder().decode(stdout);
  assertEquals(difference, "", `${difference}\nIf the report should read so, run "${UPDATE}"`);
});
