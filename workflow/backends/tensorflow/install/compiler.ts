/**
 * The system's C++ compiler, which makes the addon from files of the npm package and of ours.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { KERNELS } from "../../../../treenet/ops/tensorflow/kernels.ts";
import type { Library } from "./own_library.ts";
import { lastWords, runTool } from "./tool.ts";

/** A working compiler. */
export interface Compiler {
  readonly command: readonly string[];
  /** First line of its version text. */
  readonly version: string;
}

/** The compiler of $CXX, or else the first of the usual names; undefined if none runs. */
export async function findCompiler(): Promise<Compiler | undefined> {
  const own = Deno.env.get("CXX");
  const commands = own ? [own.trim().split(/\s+/)] : [["c++"], ["g++"], ["clang++"]];
  for (const command of commands) {
    const said = await runTool([...command, "--version"]);
    if (said?.code === 0) return { command, version: said.stdout.split("\n")[0].trim() };
  }
}

/** Returns a compiler. Throws an Error with the next step where there is none. */
export async function requireCompiler(): Promise<Compiler> {
  const compiler = await findCompiler();
  if (compiler !== undefined) return compiler;
  const own = Deno.env.get("CXX");
  throw new Error(
    `Cannot set up TensorFlow: ${
      own ? `CXX is "${own}", which does not run` : "there is no c++, g++ or clang++"
    }, ` +
      "install a C++ compiler (Debian: apt install g++, Fedora: dnf install gcc-c++) or name one by CXX",
  );
}

/**
 * Compiles the addon against a library that `rpath` finds at run time: a path, absolute or below $ORIGIN. DT_RPATH
 * names it, as DT_RUNPATH would yield to LD_LIBRARY_PATH.
 */
export async function compile(
  { command }: Compiler,
  { library: { folder, libraries, include }, rpath }: { readonly library: Library; readonly rpath: string },
  addon: string,
): Promise<void> {
  const { files, headers } = await sources();
  const said = await runTool([
    ...command,
    ...["-std=c++17", "-O3", "-fno-math-errno", "-fPIC", "-shared", "-DNAPI_VERSION=8"],
    ...[include, ...headers].map((path) => `-I${path}`),
    ...files,
    ...["-o", addon, `-L${folder}`, ...libraries.map((name) => `-l:${name}`)],
    ...[`-Wl,-rpath,${rpath}`, "-Wl,--disable-new-dtags"],
  ]);
  if (said?.code === 0) return;
  throw new Error(
    `Cannot compile the addon: ${command.join(" ")} ended with ${said?.code ?? "nothing"} ` +
      `(${
        said ? lastWords(said, 5) : ""
      }), a compiler of C++17 is needed (g++ 9, clang++ 10 or newer), name one by CXX`,
  );
}

/** C++ files and folders of headers, in Deno's cache and of our own operations; fetches the packages if need be. */
async function sources(): Promise<
  { readonly files: readonly string[]; readonly headers: readonly string[] }
> {
  const module = fileURLToPath(new URL("../proof_child.ts", import.meta.url));
  const said = await runTool([Deno.execPath(), "cache", "--quiet", module], { cwd: dirname(module) });
  if (said?.code !== 0) {
    const words = said ? lastWords(said) : "";
    throw new Error(
      `Cannot fetch the npm packages of the addon: ${words}, run "deno install" where there is a network`,
    );
  }
  const folder = (specifier: string) => dirname(fileURLToPath(specifier));
  const binding = join(folder(import.meta.resolve("@tensorflow/tfjs-node-gpu/package.json")), "binding");
  return {
    files: [
      ...["tfjs_backend.cc", "tfjs_binding.cc"].map((name) => join(binding, name)),
      ...KERNELS.map((url) => fileURLToPath(url)),
    ],
    headers: [join(folder(import.meta.resolve("node-api-headers/package.json")), "include"), binding],
  };
}
