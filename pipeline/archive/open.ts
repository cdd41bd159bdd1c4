/**
 * Opens an archive for reading, and checks every byte of it against its digest.
 *
 * @module
 */
import { writeAll } from "../base/files.ts";
import type { Digest } from "../stage.ts";
import { BAGIT_TXT, type Manifest, parseInfo, parseManifest, PAYLOAD, TAGS } from "./crate/bag.ts";
import { Allowance, parseJson } from "../base/strict_json.ts";
import { largestText } from "../base/limits.ts";
import { ArchiveError } from "../base/file_names.ts";
import { Sums } from "./payload.ts";
import { type Packed, ZipFile } from "./read_zip.ts";

/** A fault of an archive. */
export interface Finding {
  /** A file of the archive, or a part of it. */
  readonly where: string;
  readonly problem: string;
}

/** A bag in a zip. Opening it reads the tag files; {@linkcode Archive.check} hashes them. */
export class Archive implements Disposable {
  /** Name of the bag's folder. */
  readonly name: string;
  /** SHA-256 of the tag manifest. */
  readonly digest: Digest;
  /** Files by their names in the bag. */
  readonly files: ReadonlyMap<string, Packed>;
  readonly info: Readonly<Record<string, string>>;
  readonly manifest: Manifest;
  readonly #allowance = new Allowance();
  readonly #tags: Manifest;
  readonly #zip: ZipFile;

  private constructor(
    zip: ZipFile,
    parts: Pick<Archive, "name" | "digest" | "files" | "info" | "manifest"> & { readonly tags: Manifest },
  ) {
    this.#zip = zip;
    this.name = parts.name;
    this.digest = parts.digest;
    this.files = parts.files;
    this.info = parts.info;
    this.manifest = parts.manifest;
    this.#tags = parts.tags;
  }

  /** Opens an archive. Throws an ArchiveError where it is not ours, damaged at its root, or harmful. */
  static async open(path: string): Promise<Archive> {
    const zip = await ZipFile.open(path);
    try {
      return new Archive(zip, await readRoot(zip));
    } catch (error) {
      zip[Symbol.dispose]();
      throw error;
    }
  }

  /** Reads every byte and returns the faults. With `digest`, another archive than that one is a fault. */
  async check(options: { readonly digest?: string } = {}): Promise<readonly Finding[]> {
    const findings: Finding[] = [];
    if (options.digest !== undefined && options.digest !== this.digest) {
      findings.push({
        where: "tagmanifest-sha256.txt",
        problem: `hashes to ${this.digest}, not to the digest given`,
      });
    }
    const name = `${this.info["External-Identifier"]}-${this.digest}`;
    if (this.name !== name) {
      findings.push({ where: "the folder's name", problem: `is ${this.name}, its contents call it ${name}` });
    }
    findings.push(...this.#unlisted());
    for (const [file, packed] of this.files) findings.push(...await this.#checkFile(file, packed));
    return [...findings, ...this.#oxum()];
  }

  /** Reads a file in pieces. Throws an ArchiveError where the archive lacks it. */
  read(name: string): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const packed = this.files.get(name);
    if (packed === undefined) throw new ArchiveError(`Cannot read the archive: it has no ${name}`);
    return this.#zip.read(packed);
  }

  async text(name: string): Promise<string> {
    return await textOf(this.#zip, this.files.get(name), name);
  }

  /** Reads a JSON file. Throws an ArchiveError where it is not JSON or too large. */
  async json(name: string): Promise<unknown> {
    const text = await this.text(name);
    try {
      return parseJson(text, this.#allowance);
    } catch (error) {
      throw new ArchiveError(`Cannot read the archive: ${name} ${(error as Error).message}`);
    }
  }

  /** Writes the files below a folder of the bag to the disk. Opening the archive has checked their names. */
  async unpack(
    below: string,
    folder: string,
    isWanted: (name: string) => boolean = () => true,
  ): Promise<void> {
    for (const name of this.files.keys()) {
      if (name.startsWith(below) && isWanted(name)) {
        await this.unpackFile(name, `${folder}/${name.slice(below.length)}`);
      }
    }
  }

  /** Writes a file. Throws an ArchiveError where its bytes differ from its digest. */
  async unpackFile(name: string, path: string): Promise<void> {
    const sums = new Sums();
    try {
      await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
      using file = await Deno.open(path, { write: true, createNew: true });
      for await (const piece of this.read(name)) {
        sums.add(piece);
        await writeAll(file, piece);
      }
    } catch (cause) {
      if (cause instanceof ArchiveError) throw cause;
      throw new Error(`Cannot unpack ${name} to ${path}, make room there`, { cause });
    }
    if (sums.finish().sha256 !== this.#digestOf(name)) {
      throw new ArchiveError(`Cannot read the archive: ${name} differs from its digest in the manifest`);
    }
  }

  [Symbol.dispose](): void {
    this.#zip[Symbol.dispose]();
  }

  /** The digest that a manifest gives for a file; for the tag manifest, the digest of the whole archive. */
  #digestOf(name: string): Digest | undefined {
    if (name === "tagmanifest-sha256.txt") return this.digest;
    return name.startsWith(PAYLOAD) ? this.manifest.get(name) : this.#tags.get(name);
  }

  async #checkFile(name: string, packed: Packed): Promise<readonly Finding[]> {
    const sums = new Sums();
    for await (const piece of this.#zip.read(packed)) sums.add(piece);
    const { sha256, crc } = sums.finish();
    const wanted = this.#digestOf(name);
    if (wanted !== undefined && wanted !== sha256) {
      return [{ where: name, problem: "differs from its digest in the manifest" }];
    }
    if (packed.crc !== crc) return [{ where: name, problem: "differs from the checksum in its zip header" }];
    return [];
  }

  /** Files that no manifest lists, and manifest entries without a file. */
  #unlisted(): readonly Finding[] {
    const listed = new Set([...this.manifest.keys(), ...TAGS]);
    const wanted = [...this.manifest.keys(), ...TAGS.slice(0, -1).filter((name) => !this.#tags.has(name))];
    return [
      ...[...this.files.keys()].filter((name) => !listed.has(name))
        .map((where) => ({ where, problem: "is in no manifest" })),
      ...wanted.filter((name) => !this.files.has(name) || !name.startsWith(PAYLOAD))
        .map((where) => ({ where, problem: "is missing, or not listed where it must be" })),
      ...[...this.#tags.keys()].filter((name) => !TAGS.slice(0, -1).some((tag) => tag === name))
        .map((where) => ({ where, problem: "is no tag file of such a bag" })),
    ];
  }

  #oxum(): readonly Finding[] {
    const payload = [...this.files].filter(([name]) => name.startsWith(PAYLOAD));
    const total = payload.reduce((sum, [, { bytes }]) => sum + bytes, 0);
    const found = `${total}.${payload.length}`;
    if (this.info["Payload-Oxum"] === found) return [];
    return [{
      where: "bag-info.txt",
      problem: `gives the payload as ${this.info["Payload-Oxum"]}, it is ${found}`,
    }];
  }
}

async function readRoot(zip: ZipFile) {
  const [first] = zip.entries;
  const name = first?.name.split("/")[0] ?? "";
  const stranger = zip.entries.find((entry) => !entry.name.startsWith(`${name}/`));
  if (first === undefined || stranger !== undefined) {
    throw new ArchiveError("Cannot accept the archive: its files do not lie in one folder");
  }
  const files = new Map(zip.entries.map((entry) => [entry.name.slice(name.length + 1), entry]));
  const texts: Record<string, string> = {};
  for (const tag of TAGS) texts[tag] = await textOf(zip, files.get(tag), tag);
  if (texts["bagit.txt"] !== BAGIT_TXT) {
    throw new ArchiveError("Cannot read the archive: bagit.txt does not declare BagIt 1.0 in UTF-8");
  }
  const tagManifest = texts["tagmanifest-sha256.txt"];
  const sums = new Sums();
  sums.add(new TextEncoder().encode(tagManifest));
  return {
    name,
    digest: sums.finish().sha256,
    files,
    info: parseInfo(texts["bag-info.txt"]),
    manifest: parseManifest(texts["manifest-sha256.txt"], "manifest-sha256.txt"),
    tags: parseManifest(tagManifest, "tagmanifest-sha256.txt"),
  };
}

async function textOf(zip: ZipFile, packed: Packed | undefined, name: string): Promise<string> {
  if (packed === undefined) throw new ArchiveError(`Cannot read the archive: it has no ${name}`);
  if (packed.bytes > largestText(name)) {
    throw new ArchiveError(
      `Cannot accept the archive: ${name} has ${packed.bytes} bytes, expected at most ${largestText(name)}`,
    );
  }
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let text = "";
  try {
    for await (const piece of zip.read(packed)) text += decoder.decode(piece, { stream: true });
    return text + decoder.decode();
  } catch (error) {
    if (error instanceof ArchiveError) throw error;
    throw new ArchiveError(`Cannot read the archive: ${name} is not UTF-8`);
  }
}
