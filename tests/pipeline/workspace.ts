/**
 * A throw-away repository with the engine and the tests' workflow in it, driven by real processes.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sealed } from "../../pipeline/sealed.ts";

const REPOSITORY = fileURLToPath(new URL("../../", import.meta.url));
/** Where the tests' workflow lies. */
const FIXTURE = "tests/fixtures/workflow";

/** What a command printed. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The last line of `reproduce --json`. */
export interface Summary {
  readonly built: readonly string[];
  readonly fresh: readonly string[];
  readonly failed: readonly string[];
}

/** A temporary repository; disposing of it removes it. */
export class Workspace implements AsyncDisposable {
  readonly root: string;
  readonly #fixture: string;

  private constructor(root: string, fixture: string) {
    this.root = root;
    this.#fixture = fixture;
  }

  /**
   * Copies a workflow and its folder of profiles below a temporary folder; `name` is that of the last folder above it,
   * `disk` the folder that holds them all (the system's for temporary files by default).
   */
  static async create(
    { fixture = FIXTURE, profiles = "profiles", name = "", disk }: {
      readonly fixture?: string;
      readonly profiles?: string;
      readonly name?: string;
      readonly disk?: string;
    } = {},
  ): Promise<Workspace> {
    const root = join(await Deno.realPath(await Deno.makeTempDir({ prefix: "engine-", dir: disk })), name);
    for (const name of ["pipeline", "links", fixture]) {
      await copy(join(REPOSITORY, name), join(root, name));
    }
    await copy(join(REPOSITORY, fixture, profiles), join(root, "profiles"));
    await Deno.copyFile(join(REPOSITORY, "deno.json"), join(root, "deno.json"));
    await Deno.copyFile(join(REPOSITORY, "deno.lock"), join(root, "deno.lock")).catch(() => {});
    return new Workspace(root, fixture);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.root, { recursive: true });
  }

  /** Starts a command of the workflow. */
  spawn(...args: string[]): Deno.ChildProcess {
    return this.spawnWith({}, ...args);
  }

  /** Starts a command with more environment variables. */
  spawnWith(env: Readonly<Record<string, string>>, ...args: string[]): Deno.ChildProcess {
    return this.script("mod.ts", { env, args });
  }

  /** Starts a module of the workflow. */
  script(
    name: string,
    { env = {}, args }: { readonly env?: Readonly<Record<string, string>>; readonly args: readonly string[] },
  ): Deno.ChildProcess {
    return new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--cached-only", join(this.#fixture, name), ...args],
      cwd: this.root,
      env,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }

  /** Runs a command of the workflow to its end. */
  async run(...args: string[]): Promise<Ran> {
    const { code, stdout, stderr } = await this.spawn(...args).output();
    const text = new TextDecoder();
    return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
  }

  /** Runs `reproduce --json` and returns its summary. */
  async reproduce(...args: string[]): Promise<Summary> {
    const { stdout, stderr } = await this.run("reproduce", "--json", ...args);
    const last = stdout.trim().split("\n").at(-1)!;
    if (!last.startsWith("{")) throw new Error(`No summary: ${stdout}${stderr}`);
    const { built, fresh, failed } = JSON.parse(last);
    return { built, fresh, failed };
  }

  /** Replaces text in a file of the workflow. */
  async edit(name: string, from: string, to: string): Promise<void> {
    const path = join(this.root, this.#fixture, name);
    const text = await Deno.readTextFile(path);
    if (!text.includes(from)) throw new Error(`${name} does not contain ${from}`);
    await Deno.writeTextFile(path, text.replace(from, to));
  }

  /** Writes JSON to a file of the repository. */
  async write(path: string, value: unknown): Promise<void> {
    await Deno.writeTextFile(join(this.root, path), JSON.stringify(value));
  }

  /** Changes fields of a record of the store and seals it anew, as an engine in another state would have left it. */
  async amend(path: string, change: (record: Record<string, unknown>) => object): Promise<void> {
    const { seal: _, ...record } = JSON.parse(await this.read(path));
    await this.write(path, sealed({ ...record, ...change(record) }));
  }

  /** Text of a file of the repository. */
  read(...path: string[]): Promise<string> {
    return Deno.readTextFile(join(this.root, ...path));
  }

  /** `status --json`, by task id. */
  async status(...args: string[]): Promise<Record<string, StatusRecord>> {
    const { stdout, stderr } = await this.run("status", "--json", ...args);
    if (stderr !== "") throw new Error(stderr);
    return Object.fromEntries((JSON.parse(stdout) as StatusRecord[]).map((record) => [record.id, record]));
  }
}

/** One entry of `status --json`. */
export interface StatusRecord {
  readonly id: string;
  readonly stage: string;
  readonly params: unknown;
  readonly state: string;
  readonly reasons: readonly string[];
  readonly digest: string | null;
  readonly dir: string | null;
  /** Of a running task. */
  readonly by?: {
    readonly pid: number;
    readonly host: string;
    readonly command: string;
    readonly since: string;
  };
}

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copy(join(from, name), join(to, name));
    else await Deno.copyFile(join(from, name), join(to, name));
  }
}
