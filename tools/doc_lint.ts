/**
 * `deno doc --lint` of the public faces, without its complaints about types of packages: it calls every type that a
 * package exports private, and zod's schemas are part of what a stage declares.
 *
 * @module
 */

/** Complaints of `deno doc --lint`, those about zod's types left out. */
export function ownComplaints(output: string): string[] {
  // deno-lint-ignore no-control-regex
  const plain = output.replaceAll(/\x1b\[[0-9;]*m/g, "");
  return plain.split(/(?=^error\[)/m).filter((block) =>
    block.startsWith("error[") && !/references private type 'Zod\w*'/.test(block)
  );
}

if (import.meta.main) {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--lint", ...Deno.args],
    stdout: "null",
  }).output();
  const output = new TextDecoder().decode(stderr);
  const complaints = ownComplaints(output);
  const hasRun = success || /documentation lint error/.test(output);
  console.error(hasRun ? complaints.join("").trimEnd() : output);
  Deno.exit(hasRun && complaints.length === 0 ? 0 : 1);
}
