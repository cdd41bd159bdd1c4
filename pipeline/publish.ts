/**
 * Publication for readers: the files of a `publish` stage are copied to `reports/<profile>/`, with the volatile facts
 * that its artifact leaves out (`{{run train[cnn,0] seconds}}`, `{{rate train[cnn,0] 4096}}`) filled in from the runs'
 * records.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { sha256 } from "./canonical.ts";
import type { Engine } from "./engine.ts";
import { readTextIfAny, removeIfAny } from "./files.ts";
import { putBack } from "./recover.ts";
import { replaceFolder } from "./seal.ts";
import { readRecord } from "./sealed.ts";
import type { RunRecord } from "./provenance.ts";
import type { Artifact } from "./types.ts";
import * as words from "./words.ts";

/**
 * Copies an artifact to the profile's report folder, unless that holds it already: then nothing is written, so that a
 * rerun leaves the version control clean. Returns the folder if it was written.
 */
export async function publishReport(
  engine: Engine,
  artifact: Artifact,
  dirOf: (task: string) => string | undefined,
): Promise<string | undefined> {
  const { reports } = engine.workspace;
  const folder = join(reports, engine.profile.name);
  const [staging, aside] = ["new", "old"].map((state) => join(reports, `.${engine.profile.name}.${state}`));
  await putBack({ aside, to: folder });
  await removeIfAny(staging);
  if (await holds(engine, folder, artifact)) return undefined;
  for (const name of Object.keys(artifact.files)) {
    const [from, to] = [join(artifact.dir, name), join(staging, name)];
    await Deno.mkdir(dirname(to), { recursive: true });
    if (name.endsWith(".md")) await Deno.writeTextFile(to, await rendered(artifact, from, dirOf));
    else await Deno.copyFile(from, to);
  }
  await replaceFolder({ from: staging, to: folder, aside });
  return folder;
}

async function holds(engine: Engine, folder: string, artifact: Artifact): Promise<boolean> {
  for (const [name, digest] of Object.entries(artifact.files)) {
    const path = join(folder, name);
    const isThere = name.endsWith(".md")
      ? isSealed(await readTextIfAny(path).catch(() => undefined), artifact)
      : await engine.digests.remembered(path) === digest;
    if (!isThere) return false;
  }
  return true;
}

async function rendered(
  artifact: Artifact,
  path: string,
  dirOf: (task: string) => string | undefined,
): Promise<string> {
  const text = await fillPlaceholders(await Deno.readTextFile(path), dirOf);
  return text + sealOf(text, artifact);
}

/** The last line of a published text: what it was made from, and a digest that shows an edit by hand. */
function sealOf(text: string, artifact: Artifact): string {
  return `\n<!-- artifact ${artifact.task} ${artifact.digest}, text ${sha256(text).slice(0, 16)} -->\n`;
}

function isSealed(text: string | undefined, artifact: Artifact): boolean {
  const start = text?.lastIndexOf("\n<!-- artifact ") ?? -1;
  return text !== undefined && start >= 0 && text.slice(start) === sealOf(text.slice(0, start), artifact);
}

/**
 * Replaces every `{{run <task> <field.path>}}`, and every `{{rate <task> <amount> unless <field.path>}}` by the amount a
 * second of the task's run; what no record holds becomes "not recorded", and so does a rate where the record has the
 * field, which says that its seconds are not those of the whole.
 */
export async function fillPlaceholders(
  text: string,
  dirOf: (task: string) => string | undefined,
): Promise<string> {
  const pattern = /\{\{(?:run (\S+) (\S+)|rate (\S+) (\d+) unless (\S+))\}\}/g;
  const parts: string[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    const [whole, task, field, ratedTask, amount, unless] = match;
    const found = task === undefined
      ? rateOf(await recordIn(dirOf(ratedTask)), { amount: Number(amount), unless })
      : shown(await recordIn(dirOf(task)), field);
    parts.push(text.slice(end, match.index), found);
    end = match.index + whole.length;
  }
  return parts.join("") + text.slice(end);
}

const UNKNOWN = "not recorded";

async function recordIn(dir: string | undefined): Promise<RunRecord | undefined> {
  if (dir === undefined) return undefined;
  const read = await readRecord<RunRecord>(join(dir, "run.json"), { optional: true });
  return read?.type === "sound" ? read.value : undefined;
}

function shown(run: RunRecord | undefined, path: string): string {
  const value = fieldOf(run, path);
  return value === undefined || value === null ? UNKNOWN : inWords(value, path.split(".").at(-1)!);
}

function rateOf(
  run: RunRecord | undefined,
  { amount, unless }: { readonly amount: number; readonly unless: string },
): string {
  const seconds = fieldOf(run, "seconds");
  const isWhole = fieldOf(run, unless) === undefined;
  return typeof seconds === "number" && seconds > 0 && isWhole ? words.amount(amount / seconds) : UNKNOWN;
}

function fieldOf(run: RunRecord | undefined, path: string): unknown {
  return path.split(".").reduce<unknown>(
    (inner, key) => typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined,
    run,
  );
}

function inWords(value: unknown, field: string): string {
  if (typeof value === "number" && /seconds$/i.test(field)) return words.seconds(value);
  if (typeof value === "number" && /memory$/i.test(field)) return words.bytes(value);
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : words.amount(value);
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
