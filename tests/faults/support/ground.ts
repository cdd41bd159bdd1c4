/**
 * A workspace to do damage in, and what an undisturbed run leaves there to compare with.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { join, relative } from "node:path";
import { type Ran, Workspace } from "../../fixtures/test_workspace.ts";
import { quiet } from "./processes.ts";

export const CHAIN = ["--profile", "chain"] as const;
/** Folder of the workflow's profiles for these tests. */
export const PROFILES = "fault_profiles";

/** Path below the store, its folder of remembered things left out → SHA-256. Times and the report's are left out. */
export type Contents = Readonly<Record<string, string>>;

export class Ground implements AsyncDisposable {
  readonly workspace: Workspace;
  /** Left by an undisturbed run. */
  readonly reference: Contents;

  private constructor(workspace: Workspace, reference: Contents) {
    this.workspace = workspace;
    this.reference = reference;
  }

  /** Runs the chain once, undisturbed, and another command where the reference needs it. */
  static async create(
    { also, ...options }: { readonly name?: string; readonly also?: readonly string[] } = {},
  ): Promise<Ground> {
    const workspace = await Workspace.create({ profiles: PROFILES, ...options });
    const { failed } = await workspace.reproduce(...CHAIN);
    assertEquals(failed, []);
    if (also !== undefined) assertEquals((await workspace.run(...also)).code, 0);
    return new Ground(workspace, contentsOf(workspace));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.workspace[Symbol.asyncDispose]();
  }

  get root(): string {
    return this.workspace.root;
  }

  path(...names: string[]): string {
    return join(this.root, ...names);
  }

  /** Removes everything that a run leaves behind. */
  async clear(): Promise<void> {
    for (const name of ["artifacts", "reports"]) {
      await Deno.remove(this.path(name), { recursive: true }).catch(() => {});
    }
  }

  /** Starts the chain with faults inside the engine. */
  async runWith(env: Readonly<Record<string, string>>, ...args: string[]): Promise<Ran> {
    const { code, stdout, stderr } = await this.workspace.spawnWith(env, ...args).output();
    const text = new TextDecoder();
    return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
  }

  /** Files of sealed artifacts, absolute. */
  files(): string[] {
    return Object.keys(contentsOf(this.workspace)).filter((name) => name.startsWith("artifacts/"))
      .map((name) => this.path(name));
  }

  /**
   * Runs the same command once more, as a user would: it must succeed, leave exactly what an undisturbed run
   * leaves, and leave no process running.
   */
  async comesBack(what: string): Promise<void> {
    const { code, stdout, stderr } = await this.workspace.run("reproduce", ...CHAIN);
    assertEquals(code, 0, `${what}: ${stdout}${stderr}`);
    await quiet(this.root);
    this.isWhole(what);
  }

  /** The store is that of an undisturbed run. */
  isWhole(what: string): void {
    assertEquals(contentsOf(this.workspace), this.reference, what);
    for (const name of ["artifacts/.staging", "artifacts/.aside"]) {
      assertEquals(namesIn(this.path(name)), [], what);
    }
    assertEquals(namesIn(this.path("artifacts/.cache")).filter((name) => name.endsWith(".tmp")), [], what);
    assertEquals(namesIn(this.path("reports")), ["chain"], what);
  }
}

function contentsOf({ root }: Workspace): Contents {
  const found: Record<string, string> = {};
  for (const path of [...filesBelow(join(root, "artifacts")), ...filesBelow(join(root, "reports"))]) {
    const name = relative(root, path);
    if (name.startsWith("artifacts/.") || /(run\.json|REPORT\.md|\.edited(-\d+)?)$/.test(name)) continue;
    found[name] = createHash("sha256").update(Deno.readFileSync(path)).digest("hex");
  }
  return found;
}

export function namesIn(path: string): string[] {
  try {
    return [...Deno.readDirSync(path)].map(({ name }) => name).sort();
  } catch {
    return [];
  }
}

function filesBelow(folder: string): string[] {
  return namesIn(folder).map((name) => join(folder, name)).flatMap((path) =>
    Deno.statSync(path).isDirectory ? filesBelow(path) : [path]
  );
}

/** Flips one bit of a file. */
export function flip(path: string, at: number): void {
  const bytes = Deno.readFileSync(path);
  bytes[at % bytes.length] ^= 1 << (at % 8);
  Deno.writeFileSync(path, bytes);
}
