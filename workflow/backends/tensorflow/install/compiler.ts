/**
 * The system's C++ compiler, which makes the addon from files of the npm package and of ours.
 *
 * @module
 */
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

/** Inputs of an addon. */
export interface Parts {
  /** C++ files. */
  readonly sources: readonly string[];
  /** Folders of the headers of Node-API, of TensorFlow and of the npm package. */
  readonly headers: readonly string[];
  /** Folder of the libraries during compilation. */
  readonly folder: string;
  /** Folder of the libraries at run time, for the loader: absolute, or below $ORIGIN. */
  readonly rpath: string;
  /** File names of the libraries. */
  readonly libraries: readonly string[];
}

/** Compiles the addon. DT_RPATH names the libraries' folder; DT_RUNPATH would yield to LD_LIBRARY_PATH. */
export async function compile({ command }: Compiler, parts: Parts, addon: string): Promise<void> {
  const { sources, headers, folder, rpath, libraries } = parts;
  const args = [
    ...["-std=c++17", "-O3", "-fno-math-errno", "-fPIC", "-shared", "-DNAPI_VERSION=8"],
    ...headers.map((path) => `-I${path}`),
    ...sources,
    ...[
      "-o",
      addon,
      `-L${folder}`,
      ...libraries.map((name) => `-l:${name}`),
      `-Wl,-rpath,${rpath}`,
      "-Wl,--disable-new-dtags",
    ],
  ];
  const said = await runTool([...command, ...args]);
  if (said?.code === 0) return;
  throw new Error(
    `Cannot compile the addon: ${command.join(" ")} ended with ${said?.code ?? "nothing"} ` +
      `(${
        said ? lastWords(said, 5) : ""
      }), a compiler of C++17 is needed (g++ 9, clang++ 10 or newer), name one by CXX`,
  );
}
