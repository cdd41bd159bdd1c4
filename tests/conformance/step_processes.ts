/**
 * Training runs in processes of their own.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { Job, Outcome } from "./conformance_steps.ts";

const SCRIPT = fileURLToPath(new URL("./conformance_steps.ts", import.meta.url));

/** Runs `conformance_steps.ts` to its end; fails if it does not end well. */
export async function runSteps(name: string, job: Omit<Job, "name">): Promise<Outcome> {
  const { success, code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "-A", "--no-check", "--v8-flags=--expose-gc"],
      ...[SCRIPT, JSON.stringify({ name, ...job } satisfies Job)],
    ],
    stdout: "piped",
    stderr: "piped",
  }).output();
  const [out, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (!success) throw new Error(`Cannot train on ${name}: the process ended with ${code}\n${error}`);
  return JSON.parse(out.trim().split("\n").at(-1)!);
}
