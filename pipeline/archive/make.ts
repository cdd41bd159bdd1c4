/**
 * Makes an archive: the collected files with metadata, in a bag, in a zip.
 *
 * @module
 */
import type { Engine } from "../plan/engine.ts";
import { type Bag, bagOf } from "./crate/bag.ts";
import { citationCff, zenodoJson } from "./crate/cite.ts";
import { type Contents, filesOf } from "./contents.ts";
import { crateText, METADATA } from "./crate/crate.ts";
import { Draft } from "./draft.ts";
import { checkNames } from "../base/file_names.ts";
import { fileOf, type PayloadFile } from "./payload.ts";
import type { ArchivePolicy } from "../archive_policy.ts";
import { readmeText } from "./crate/readme.ts";
import { writeZip } from "./write_zip.ts";

/** A bag with the name of its folder. */
export interface NamedBag extends Bag {
  /** `<name>-<profile>-<digest>`. */
  readonly name: string;
}

export interface MakeOptions {
  readonly policy: ArchivePolicy;
  /** The flags of the command line that select this run: `--profile`, `--set`, `--sweep`. */
  readonly flags: readonly string[];
}

/** Adds the metadata. Equal contents give an equal bag, as all dates come from the runs. */
export function makeBag(engine: Engine, contents: Contents, { policy, flags }: MakeOptions): NamedBag {
  const released = dayOf(contents);
  const license = contents.source.find(({ name }) => name === "repository/LICENSE");
  const made: Record<string, string> = {
    "README.md": "What every file of the archive is, and how to read, check and rerun it",
    "CITATION.cff": "How to cite this, and what it cites",
    ".zenodo.json": "The same as metadata of a deposit",
    ...(license ? { LICENSE: "The licence of all that was made here" } : {}),
  };
  const texts = [
    fileOf(crateText({ engine, contents, policy, released, made }), METADATA),
    fileOf(readmeText({ engine, contents, policy, flags }), "README.md"),
    fileOf(citationCff(policy.citation, { released }), "CITATION.cff"),
    fileOf(zenodoJson(policy.citation, { released }), ".zenodo.json"),
    ...(license ? [{ ...license, name: "LICENSE" }] : []),
  ];
  const prefix = `${policy.name}-${engine.profile.name}`;
  const bag = bagOf([...filesOf(contents), ...texts], {
    "Bag-Software-Agent": `${policy.name} archive`,
    "Bagging-Date": released,
    "External-Description": policy.citation.title,
    "External-Identifier": prefix,
    "BagIt-Profile-Identifier": "https://w3id.org/ro/bagit/profile",
  });
  try {
    checkNames(bag.files.map(({ name }) => name));
  } catch (cause) {
    throw new Error("Cannot make an archive that every system can unpack, rename the file", { cause });
  }
  return { ...bag, name: `${prefix}-${bag.digest}` };
}

/** The day when the last task finished, ISO 8601. */
function dayOf({ tasks }: Contents): string {
  return tasks.map(({ run }) => run.finished).sort().at(-1)!.slice(0, 10);
}

export interface WriteOptions {
  readonly to: string;
  /** Aborting stops the writing and leaves no file. */
  readonly signal: AbortSignal;
  /** Called with the bytes done and in total. */
  readonly progress?: (done: number, total: number) => void;
}

/** Writes the zip beside its final place, then renames it. */
export async function writeBag(bag: NamedBag, { to, signal, progress }: WriteOptions): Promise<void> {
  const total = bag.files.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  const counted = (file: PayloadFile) => async () => {
    const count = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform: (piece, controller) => {
        signal.throwIfAborted();
        done += piece.length;
        progress?.(done, total);
        controller.enqueue(piece);
      },
    });
    return (await file.open()).pipeThrough(count);
  };
  const entries = bag.files.map((each) => ({
    ...each,
    name: `${bag.name}/${each.name}`,
    open: counted(each),
  }));
  await using draft = await Draft.create(to);
  await writeZip(draft.writable(), entries);
  await draft.publish();
}
