/**
 * A user with a cache and a PATH of their own, on which there are only the programs that a test puts there.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";
import { close } from "../../workflow/backends/tensorflow/install/exposure.ts";
import {
  pointTo,
  readInstallation,
  sealInstallation,
} from "../../workflow/backends/tensorflow/installation.ts";
import { currentBuild, folderName } from "../../workflow/backends/tensorflow/cache_folder.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Exit code and output of a command. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class Home implements AsyncDisposable {
  readonly dir: string;
  /** Folder of all caches: XDG_CACHE_HOME. */
  readonly caches: string;
  /** Folder of the installations. */
  readonly cache: string;
  readonly #bin: string;

  private constructor(dir: string) {
    this.dir = dir;
    this.caches = join(dir, "cache");
    this.cache = join(this.caches, "treenet/tensorflow");
    this.#bin = join(dir, "bin");
  }

  /** A home with these programs; it includes one that reports glibc 2.36 unless another is given. */
  static async create(tools: Readonly<Record<string, string>> = {}): Promise<Home> {
    const home = new Home(await Deno.makeTempDir({ prefix: "home-" }));
    await Deno.mkdir(home.#bin);
    await Deno.mkdir(home.cache, { recursive: true });
    for (const [name, script] of Object.entries({ ldd: "echo 'ldd (GNU libc) 2.36'", ...tools })) {
      await home.tool(name, script);
    }
    return home;
  }

  /** Puts a shell script on the PATH. */
  async tool(name: string, script: string): Promise<void> {
    const path = join(this.#bin, name);
    await Deno.writeTextFile(path, `#!/bin/sh\n${script}\n`);
    await Deno.chmod(path, 0o755);
  }

  /** Starts a command of the workflow as this user. */
  spawn(args: readonly string[], { env = {}, root = ROOT }: Options = {}): Deno.ChildProcess {
    return new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--quiet",
        "--config",
        join(root, "deno.json"),
        join(root, "workflow/mod.ts"),
        ...args,
      ],
      cwd: root,
      clearEnv: true,
      env: {
        PATH: this.#bin,
        HOME: this.dir,
        XDG_CACHE_HOME: this.caches,
        DENO_DIR: packageCache(),
        NO_COLOR: "1",
        ...env,
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }

  /** Runs a command of the workflow as this user. */
  async run(args: readonly string[], options: Options = {}): Promise<Ran> {
    const { code, stdout, stderr } = await this.spawn(args, options).output();
    const text = new TextDecoder();
    return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
  }

  /** Names in the cache, sorted; the lock's aside. */
  installations(): readonly string[] {
    return [...Deno.readDirSync(this.cache)].map(({ name }) => name).filter((name) => name !== ".lock")
      .sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.dir, { recursive: true });
  }
}

interface Options {
  readonly env?: Readonly<Record<string, string>>;
  /** Root of the checkout. @default this one */
  readonly root?: string;
}

/** Deno's package cache, kept outside XDG_CACHE_HOME so that packages are not fetched again. */
export function packageCache(): string {
  const home = Deno.env.get("XDG_CACHE_HOME") ?? join(Deno.env.get("HOME") ?? "", ".cache");
  return Deno.env.get("DENO_DIR") ?? join(home, "deno");
}

/** A fake pip: it has a version, and downloads a file into the folder after `--dest`. */
export function fakePip(download: string): string {
  return `case "$*" in
  *--version*) echo "pip 24.0 from /somewhere (python 3.11)";;
  *) while [ "$1" != "--dest" ]; do shift; done; dest="$2"; ${download};;
esac`;
}

/** A compiler that has a version, and otherwise runs this command. */
export function fakeCompiler(compile: string): string {
  return `case "$*" in *--version*) echo "c++ (Fake) 12.2.0";; *) ${compile};; esac`;
}

/** Writes a wheel with these files and their digests, or with the digests of `recorded` instead. */
export async function writeWheel(
  path: string,
  files: Readonly<Record<string, string>>,
  { recorded = files, programs = [] }: {
    readonly recorded?: Readonly<Record<string, string>>;
    /** Names of the files that are executable. */
    readonly programs?: readonly string[];
  } = {},
): Promise<void> {
  const utf8 = new TextEncoder();
  const record: string[] = [];
  for (const [name, text] of Object.entries(recorded)) {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", utf8.encode(text)));
    record.push(
      `${name},sha256=${digest.toBase64({ alphabet: "base64url", omitPadding: true })},${text.length}`,
    );
  }
  const zip = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  const all = { ...files, "tensorflow_cpu.dist-info/RECORD": `${record.join("\n")}\n` };
  for (const [name, text] of Object.entries(all)) {
    await zip.add(name, new Uint8ArrayReader(utf8.encode(text)), { executable: programs.includes(name) });
  }
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeFile(path, await zip.close());
}

/** Files of a correct wheel, except its libraries: those are text. */
export const WHEEL = {
  "tensorflow/libtensorflow_cc.so.2": "a library",
  "tensorflow/libtensorflow_framework.so.2": "another",
  "tensorflow/include/tensorflow/c/c_api.h": "// header",
  "tensorflow_cpu.dist-info/METADATA": "Name: tensorflow_cpu\n",
} as const;

/** Puts an installation into the cache, in use, whose files are text; returns its folder. */
export async function fakeInstallation(home: Home): Promise<string> {
  const build = currentBuild();
  const name = folderName("cpu", { version: "2.21.0", build });
  const dir = join(home.cache, name);
  await Deno.mkdir(join(dir, "lib/tensorflow"), { recursive: true });
  await Deno.writeTextFile(join(dir, "tfjs_binding.node"), "addon");
  await Deno.writeTextFile(join(dir, "lib/tensorflow/libtensorflow_cc.so.2"), "library");
  const { binding, headers, digest } = build;
  const facts = { variant: "cpu" as const, tensorflow: "2.21.0", compiler: "fake", source: { wheels: [] } };
  await sealInstallation(dir, { ...facts, binding, headers, build: digest, linked: [] });
  await close(home.caches);
  using _ = new CacheVariable(home);
  await pointTo((await readInstallation(dir))!, build);
  return dir;
}

/** This process' own XDG_CACHE_HOME is a home's for as long as it lives; packages stay where they are. */
export class CacheVariable implements Disposable {
  readonly #before = ["XDG_CACHE_HOME", "DENO_DIR"].map((name) => [name, Deno.env.get(name)] as const);

  constructor({ caches }: Home) {
    Deno.env.set("DENO_DIR", packageCache());
    Deno.env.set("XDG_CACHE_HOME", caches);
  }

  [Symbol.dispose](): void {
    for (const [name, value] of this.#before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
}
