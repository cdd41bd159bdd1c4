/**
 * Where a flag is at home that a command does not have: in the profile, or with another command.
 *
 * @module
 */
import { suggestion } from "../base/suggestion.ts";
import { isRecord } from "../tasks/override.ts";
import type { Command, Pipeline, ProfileData } from "../workflow.ts";
import { readProfile } from "../tasks/profile.ts";
import type { Flags } from "../workflow.ts";

/** The rest of a message about an unknown flag: the right form, or what there is. */
export async function homeOf(
  flag: string,
  { flags, commands, pipeline, profile }: {
    /** Of the command that was asked. */
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

/** `--set` of every field with a flag's name, or with that in the plural, as it stands now. */
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

/** `warmupSteps` → `warmup-steps` */
function spelt(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function inShell(text: string): string {
  return /^[\w.=-]+$/.test(text) ? text : `'${text}'`;
}
