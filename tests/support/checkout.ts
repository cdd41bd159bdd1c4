/**
 * A throw-away copy of the repository's source, so that a test may edit a stage, kill the engine or damage an artifact
 * as a user would, through the commands of the README.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../../", import.meta.url));
/** What is not source: results, and what tools leave behind. */
const leftOut = new Set([".git", "artifacts", "reports", "coverage", "node_modules"]);

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The last event of `reproduce --json`. */
export interface Summary {
  readonly type: "summary";
  readonly built: readonly string[];
  readonly fresh: readonly string[];
  readonly failed: readonly string[];
}

export class Checkout implements AsyncDisposable {
  private constructor(readonly dir: string) {}

  static async create(): Promise<Checkout> {
    const dir = await Deno.makeTempDir({ prefix: "treenet-" });
    await copy(repository, dir);
    await Deno.mkdir(`${dir}/artifacts`);
    return new Checkout(dir);
  }

  /** Runs `deno task …` here. */
  async task(...args: string[]): Promise<Result> {
    const output = await this.command(...args).output();
    const text = new TextDecoder();
    return { code: output.code, stdout: text.decode(output.stdout), stderr: text.decode(output.stderr) };
  }

  command(...args: string[]): Deno.Command {
    return new Deno.Command(Deno.execPath(), {
      args: ["task", ...args],
      cwd: this.dir,
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
  }

  /** Runs `reproduce --json` and returns its summary; a failed run fails the test with its output. */
  async reproduce(...args: string[]): Promise<Summary> {
    const result = await this.task("reproduce", "--json", ...args);
    assertEquals(result.code, 0, `reproduce failed:\n${result.stderr}\n${result.stdout.slice(-4000)}`);
    return JSON.parse(result.stdout.trimEnd().split("\n").at(-1)!);
  }

  read(path: string): Promise<string> {
    return Deno.readTextFile(`${this.dir}/${path}`);
  }

  /** Replaces text that must be there. */
  async edit(path: string, from: string, to: string): Promise<void> {
    const text = await this.read(path);
    if (!text.includes(from)) {
      throw new Error(`Cannot edit ${path}: it does not contain ${JSON.stringify(from)}`);
    }
    await Deno.writeTextFile(`${this.dir}/${path}`, text.replace(from, to));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.dir, { recursive: true });
  }
}

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const entry of Deno.readDir(from)) {
    if (leftOut.has(entry.name)) continue;
    if (entry.isDirectory) await copy(`${from}/${entry.name}`, `${to}/${entry.name}`);
    if (entry.isFile) await Deno.copyFile(`${from}/${entry.name}`, `${to}/${entry.name}`);
  }
}
