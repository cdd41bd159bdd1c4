/**
 * Advice for a flag that a command lacks: the profile's field or the other command that has it.
 *
 * @module
 */
import { suggestion } from "../base/suggestion.ts";
import { isRecord } from "../tasks/override.ts";
import type { Command, Flags, Pipeline, ProfileData } from "../workflow.ts";
import { readProfile } from "../tasks/profile.ts";

/** The end of a message about an unknown flag: the right form, or the known flags. */
export async function homeOf(
  flag: string,
  { flags, commands, pipeline, profile }: {
    /** Flags of the command that the user called. */
    readonly flags: Flags;
    readonly commands: Readonly<Record<string, () => Promise<Command>>>;
    readonly pipeline: Pipeline;
    readonly profile: string;
  },
): Promise<string> {
  const data = "set" in flags ? await readProfile(pipeline, profile).catch(() => ({})) : {};
  const fields = fieldsNamed(flag, data).slice(0, 3);
  if (fields.length > 0) return `, a field of the profile is set by ${fields.join(" or ")}`;
  const owners: string[] = [];
  for (const [name, load] of Object.entries(commands)) {
    const command = await load();
    const more = await command.moreFlags?.(pipeline, profile).catch(() => ({}));
    if (Object.hasOwn({ ...command.flags, ...more }, flag)) owners.push(`deno task ${name}`);
  }
  if (owners.length > 0) return `, it belongs to ${owners.join(", ")}`;
  return suggestion(flag, Object.keys(flags).map((name) => `--${name}`));
}

/** `--set` arguments with the present value of every field named like the flag, in singular or plural. */
function fieldsNamed(flag: string, data: ProfileData): string[] {
  const isNamed = (field: string) => [flag, `${flag}s`].includes(spelt(field)) || field === flag;
  const search = (inside: ProfileData, path: string): string[] =>
    Object.entries(inside).flatMap(([field, value]) => {
      const whole = `${path}${field}`;
      if (isRecord(value)) return search(value, `${whole}.`);
      return isNamed(field) ? [`--set ${inShell(`${whole}=${JSON.stringify(value)}`)}`] : [];
    });
  return search(data, "");
}

/** The flag's form of a field: `warmupSteps` → `warmup-steps`. */
function spelt(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function inShell(text: string): string {
  return /^[\w.=-]+$/.test(text) ? text : `'${text}'`;
}
