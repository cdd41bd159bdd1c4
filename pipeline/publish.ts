/**
 * Publication for readers: the files of a `publish` stage are copied to `reports/<profile>/`, with the volatile facts
 * that its artifact leaves out (`{{run train[cnn,0] seconds}}`, `{{rate train[cnn,0] 4096}}`) filled in from the runs'
 * records.
 *
 * @module
 */
import { dirname, join } from "node:path";
import type { Engine } from "./engine.ts";
import { replaceFile } from "./output.ts";
import type { RunRecord } from "./provenance.ts";
import { holds, isText, keepEdit, lookInto, openReportFolder, removeFrom, sealOf } from "./report_folder.ts";
import { readRecord } from "./sealed.ts";
import { forOthers } from "./secrets.ts";
import { inLine } from "./terminal.ts";
import type { Artifact } from "./types.ts";
import * as words from "./words.ts";
import type { Workspace } from "./workspace.ts";

/** What publication did. */
export interface Published {
  /** Absolute path of the folder, as the workspace has it. */
  readonly folder: string;
  /** Names of files that hold what somebody wrote into the last report. */
  readonly kept: readonly string[];
}

/**
 * Copies an artifact to the profile's report folder, unless that holds it already with the facts of these runs: then
 * nothing is written. Of what else is there, only files of an earlier report are removed. Throws an
 * Error, having written nothing, where the folder is not a report's.
 */
export async function publishReport(
  engine: Engine,
  artifact: Artifact,
  dirOf: (task: string) => string | undefined,
): Promise<Published | undefined> {
  const folder = await openReportFolder(engine);
  const texts = new Map<string, string>();
  for (const name of Object.keys(artifact.files).filter(isText)) {
    const text = await fillPlaceholders(
      await Deno.readTextFile(join(artifact.dir, name)),
      dirOf,
      engine.workspace,
    );
    texts.set(name, text + sealOf(text, artifact));
  }
  if (await holds(engine, folder, { artifact, texts })) return undefined;
  const { ours, edited } = await lookInto(engine, folder, artifact);
  const kept: string[] = [];
  for (const name of edited) kept.push(await keepEdit(folder, name));
  // The text is the last: whatever it shows is there before it, and a kill in between is made good by the next run.
  for (const name of Object.keys(artifact.files).toSorted((a, b) => Number(isText(a)) - Number(isText(b)))) {
    const [text, to] = [texts.get(name), join(folder, name)];
    await Deno.mkdir(dirname(to), { recursive: true });
    await replaceFile(
      to,
      text === undefined ? await Deno.readFile(join(artifact.dir, name)) : new TextEncoder().encode(text),
    );
  }
  for (const name of ours.filter((name) => !(name in artifact.files))) await removeFrom(folder, name);
  return { folder: join(engine.workspace.reports, engine.profile.report), kept };
}

/**
 * Replaces every `{{run <task> <field.path>}}`, and every `{{rate <task> <amount> unless <field.path>}}` by the amount a
 * second of the task's run. What no record holds becomes "not recorded", what a record does not know "unknown"; a rate is
 * not recorded where the record has the field, which says that its seconds are not those of the whole.
 */
export async function fillPlaceholders(
  text: string,
  dirOf: (task: string) => string | undefined,
  { root }: Pick<Workspace, "root">,
): Promise<string> {
  const known = new Map<string, RunRecord | undefined>();
  const record = async (task: string) => {
    if (!known.has(task)) known.set(task, await recordIn(dirOf(task)));
    return known.get(task);
  };
  const pattern = /\{\{(?:run (\S+) (\S+)|rate (\S+) (\d+) unless (\S+))\}\}/g;
  const parts: string[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    const [whole, task, field, ratedTask, amount, unless] = match;
    const found = task === undefined
      ? rateOf(await record(ratedTask), { amount: Number(amount), unless })
      : forOthers(shown(await record(task), field), root);
    parts.push(text.slice(end, match.index), found);
    end = match.index + whole.length;
  }
  return parts.join("") + text.slice(end);
}

const UNRECORDED = "not recorded";

async function recordIn(dir: string | undefined): Promise<RunRecord | undefined> {
  if (dir === undefined) return undefined;
  const read = await readRecord<RunRecord>(join(dir, "run.json"));
  return read?.type === "sound" ? read.value : undefined;
}

function shown(run: RunRecord | undefined, path: string): string {
  const value = fieldOf(run, path);
  if (value === undefined) return UNRECORDED;
  if (value === null) return "unknown";
  // A record may have come with an archive: a report is shown on terminals too.
  return inLine(inWords(value, path.split(".").at(-1)!));
}

function rateOf(
  run: RunRecord | undefined,
  { amount, unless }: { readonly amount: number; readonly unless: string },
): string {
  const seconds = fieldOf(run, "seconds");
  const isWhole = fieldOf(run, unless) === undefined;
  return typeof seconds === "number" && seconds > 0 && isWhole ? words.amount(amount / seconds) : UNRECORDED;
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
