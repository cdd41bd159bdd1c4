/**
 * `deno task archive`: packs a finished run into one file.
 *
 * @module
 */
import { join } from "node:path";
import { collect, type Contents } from "../../archive/contents.ts";
import { makeBag, type NamedBag, writeBag } from "../../archive/make.ts";
import type { ArchivePolicy } from "../../archive_policy.ts";
import type { Engine } from "../../plan/engine.ts";
import { UsageError } from "../../base/errors.ts";
import { StoreLock } from "../../store/lock.ts";
import { said } from "../../base/user_paths.ts";
import { suggestion } from "../../base/suggestion.ts";
import { begins, openOutput } from "../../base/output_file.ts";
import type { Command, ParsedFlags, Pipeline } from "../../workflow.ts";
import { assessAll, type Status } from "../../plan/plan.ts";
import { bytes, count } from "../../base/quantities.ts";
import { DEFAULT_PROFILE, engineOf, printJson, profileFlags } from "../common_flags.ts";
import { stopOnSignals } from "../signals.ts";

/** Reads the store and writes one file. */
export const archive: Command = {
  summary: "Pack a finished run, its source and its provenance into one file",
  flags: {
    ...profileFlags,
    with: { type: "text", value: "LIST", help: "pack large files as well, separated by commas" },
    out: { type: "path", value: "FILE", help: "where to write it (default <name>-<profile>-<digest>.zip)" },
    "dry-run": { type: "switch", help: "show sizes and digest without writing" },
    wait: { type: "switch", help: "wait while another run writes to the store" },
    json: { type: "switch", help: "write path, digest and sizes as JSON to stdout" },
  },
  moreFlags: (pipeline) => {
    const names = Object.entries(pipeline.archive?.aside ?? {}).map(([name, { help }]) =>
      `${name} (${help})`
    );
    const help = `pack large files as well: ${names.join(", ")}; separated by commas`;
    return Promise.resolve({ with: { type: "text", value: "LIST", help } });
  },
  run: async (pipeline, args) => {
    const policy = policyOf(pipeline);
    const wanted = categories(policy, args.text.with);
    if (args.text.out !== undefined) await openOutput(args.text.out, archiveAt(pipeline));
    const engine = await engineOf(pipeline, args);
    using _lock = await StoreLock.acquire(engine.workspace, { command: args.line, wait: args.on.wait });
    const statuses = await assessAll(engine);
    refuseUnfinished(engine, statuses.values());
    const contents = await collect(engine, statuses, { policy, wanted });
    const bag = makeBag(engine, contents, { policy, flags: flagsOf(args) });
    await engine.digests.save();
    const say = args.on.json ? console.error : console.log;
    contents.notes.forEach((note) => say(`note    ${note}`));
    sizes(contents, bag).forEach((line) => say(line));
    const place = args.text.out ?? join(args.here, `${bag.name}.zip`);
    const { path } = await openOutput(place, archiveAt(pipeline));
    if (!args.on["dry-run"] && !await written(bag, path)) return 1;
    if (args.on.json) printJson(summary(bag, args.on["dry-run"] ? null : path));
    else if (!args.on["dry-run"]) {
      console.log(`Wrote ${said(args.here, path)}\nDigest, for the paper's text: ${bag.digest}`);
    } else console.log(`Digest it would have: ${bag.digest}`);
    return 0;
  },
};

/** Writes the archive; returns false where a signal stopped it. */
async function written(bag: NamedBag, path: string): Promise<boolean> {
  using stop = stopOnSignals();
  try {
    await writeBag(bag, { to: path, signal: stop.signal, progress: progressLine() });
    return true;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    console.error("Stopped, no archive was written");
    return false;
  }
}

/** Options for the output: it may replace an archive of ours, which begins with the bag's description. */
function archiveAt({ root }: Pipeline): Parameters<typeof openOutput>[1] {
  const isOurs = (path: string) =>
    begins(path, 512, (bytes) => {
      const text = new TextDecoder("latin1").decode(bytes);
      return text.startsWith("PK\x03\x04") && text.includes("/bag-info.txt");
    });
  return { root, kind: "archive of deno task archive", isOurs };
}

/** Throws a UsageError where the workflow has no archive policy. */
function policyOf({ archive }: Pipeline): ArchivePolicy {
  if (archive) return archive;
  throw new UsageError("Cannot make an archive: the workflow has no archive policy, add one to its pipeline");
}

function categories({ aside }: ArchivePolicy, list = ""): ReadonlySet<string> {
  const names = list.split(",").map((name) => name.trim()).filter((name) => name !== "");
  const unknown = names.find((name) => !Object.hasOwn(aside, name));
  if (unknown === undefined) return new Set(names);
  throw new UsageError(
    `Cannot archive with "${unknown}": no such part${suggestion(unknown, Object.keys(aside))}`,
  );
}

/** Refuses a run with unfinished tasks, as its archive would look complete. */
function refuseUnfinished({ profile }: Engine, statuses: Iterable<Status>): void {
  const unfinished = [...statuses].filter(({ state }) => state !== "fresh");
  if (unfinished.length === 0) return;
  const [{ task, state }] = unfinished;
  throw new Error(
    `Cannot archive profile "${profile.name}": ${count(unfinished.length, "task")} not fresh ` +
      `(${task.id} is ${state}), run "deno task reproduce --profile ${profile.name}" first`,
  );
}

/** The flags that select the same run in another checkout. */
function flagsOf({ text, lists }: ParsedFlags): readonly string[] {
  const { profile = DEFAULT_PROFILE } = text;
  return [
    ...(profile === DEFAULT_PROFILE ? [] : [`--profile ${profile}`]),
    ...["set", "sweep"].flatMap((flag) => lists[flag].map((assignment) => `--${flag} '${assignment}'`)),
  ];
}

function sizes({ tasks, source, report }: Contents, bag: NamedBag): readonly string[] {
  const total = (files: readonly { readonly bytes: number }[]) =>
    files.reduce((sum, file) => sum + file.bytes, 0);
  const row = (name: string, size: number, note = "") =>
    `${name.padEnd(24)}${bytes(size).padStart(10)}${note && `  ${note}`}`;
  const stages = Map.groupBy(tasks, ({ task }) => task.stage.name);
  const left = Map.groupBy(tasks.flatMap(({ leftOut }) => leftOut), ({ category }) => category);
  return [
    row("source", total(source)),
    ...[...stages].map(([stage, packed]) => row(stage, total(packed.flatMap(({ files }) => files)))),
    row("report, published", total(report)),
    row("archive, in all", total(bag.files), count(bag.files.length, "file")),
    ...[...left].map(([category, files]) =>
      row("left out", total(files), category === undefined ? "not here" : `--with ${category} packs it`)
    ),
  ];
}

function summary(bag: NamedBag, path: string | null) {
  return {
    path,
    name: bag.name,
    digest: bag.digest,
    files: bag.files.length,
    bytes: bag.files.reduce((sum, file) => sum + file.bytes, 0),
  };
}

/** A progress line on the terminal, rewritten a few times a second; undefined elsewhere. */
function progressLine(): ((done: number, total: number) => void) | undefined {
  if (!Deno.stderr.isTerminal()) return undefined;
  let last = 0;
  return (done, total) => {
    const now = performance.now();
    if (now - last < 200 && done < total) return;
    last = now;
    const end = done < total ? "" : "\r\x1b[K";
    const text = `\r${bytes(done)} of ${bytes(total)}${end}`;
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  };
}
