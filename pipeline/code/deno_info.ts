/**
 * The module graph according to Deno: `deno info --json`.
 *
 * @module
 */
import { join } from "node:path";
import { TemporaryFolder } from "../base/temporary_folder.ts";
import type { Workspace } from "../base/workspace.ts";

/** An edge of the graph; an edge without `code` imports only types. */
export interface InfoDependency {
  readonly specifier: string;
  readonly code?: { readonly specifier?: string; readonly error?: string };
}

export interface InfoModule {
  readonly specifier: string;
  readonly local?: string;
  readonly error?: string;
  readonly kind?: string;
  readonly npmPackage?: string;
  readonly dependencies?: readonly InfoDependency[];
}

export interface InfoPackage {
  readonly name: string;
  readonly version: string;
  readonly dependencies: readonly string[];
  readonly localPath?: string;
}

export interface Info {
  readonly modules: readonly InfoModule[];
  readonly redirects: Readonly<Record<string, string>>;
  readonly npmPackages: Readonly<Record<string, InfoPackage>>;
}

/** The graph reachable from several specifiers. Throws an Error with Deno's own message where it fails. */
export async function denoInfo(workspace: Workspace, specifiers: readonly string[]): Promise<Info> {
  return JSON.parse(await deno(workspace, { args: ["info", "--json"], specifiers })) as Info;
}

/** Downloads the packages that modules import. */
export async function cachePackages(workspace: Workspace, urls: readonly string[]): Promise<void> {
  await deno(workspace, {
    args: ["cache", "--quiet"],
    specifiers: urls.filter((url) => /\.m?[jt]s$/.test(url)),
  });
}

/** Runs Deno on a module that imports the specifiers. */
async function deno(
  workspace: Workspace,
  { args, specifiers }: { readonly args: readonly string[]; readonly specifiers: readonly string[] },
): Promise<string> {
  // Outside the store, which may be read-only or full.
  using folder = TemporaryFolder.create();
  const entry = join(folder.path, "entry.js");
  await Deno.writeTextFile(entry, specifiers.map((url) => `import ${JSON.stringify(url)};\n`).join(""));
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args, "--config", workspace.config, entry],
    cwd: workspace.root,
    env: { NO_COLOR: "1", DENO_NO_PACKAGE_JSON: "1" },
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(`Cannot read the code of the stages: ${text.decode(stderr).trim()}`);
  return text.decode(stdout);
}
