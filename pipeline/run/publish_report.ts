/**
 * Publishes the files of a `publish` stage to `reports/<profile>/`, with the volatile facts that its artifact
 * leaves out (`{{run train[cnn,0] seconds}}`, `{{rate train[cnn,0] 4096}}`) filled in from the runs' records.
 *
 * @module
 */
import { dirname, join } from "node:path";
import type { Engine } from "../plan/engine.ts";
import { replaceFile } from "../base/output_file.ts";
import type { RunRecord } from "../store/run_record.ts";
import { holds, isText, keepEdit, lookInto, openReportFolder, removeFrom, sealOf } from "./report_folder.ts";
import { runOf } from "../store/origin.ts";
import { forOthers } from "../base/secrets.ts";
import { inLine } from "../base/escape.ts";
import type { Artifact } from "../stage.ts";
import * as words from "../base/quantities.ts";
import type { Workspace } from "../base/workspace.ts";

/** The result of publishing. */
export interface Published {
  /** Absolute path of the folder in the workspace. */
  readonly folder: string;
  /** Names of files that keep users' edits of the last report. */
  readonly kept: readonly string[];
}

/**
 * Copies an artifact to the profile's report folder, unless the folder already holds it with the facts of
 * these runs. Of other files there, only those of an earlier report are removed. Throws an Error, before
 * anything is written, where the folder is not a report's.
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
  // The text is written last, after everything it shows; a kill in between is repaired by the next run.
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
 * Replaces `{{run <task> <field.path>}}` by the field of the task's run, and `{{rate <task> <amount> unless
 * <field.path>}}` by the amount per second. A missing field becomes "not recorded", null "unknown". A rate is
 * "not recorded" where the record has the field, as its seconds are then not those of the whole run.
 */
export async function fillPlaceholders(
  text: string,
  dirOf: (task: string) => string | undefined,
  { root }: Pick<Workspace, "root">,
): Promise<string> {
  const known = new Map<string, RunRecord | undefined>();
  const record = async (task: string) => {
    const dir = dirOf(task);
    if (!known.has(task)) known.set(task, dir === undefined ? undefined : await runOf({ dir }));
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

function shown(run: RunRecord | undefined, path: string): string {
  const value = fieldOf(run, path);
  if (value === undefined) return UNRECORDED;
  if (value === null) return "unknown";
  // A record may come from an archive, and a report is shown on terminals too.
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
