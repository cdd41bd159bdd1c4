/**
 * A libtensorflow that the user already has: linked in its place, not copied.
 *
 * @module
 */
import { join } from "node:path";

/** A library and its headers. */
export interface Library {
  /** Folder of the shared libraries, absolute. */
  readonly folder: string;
  /** File names that the addon links. */
  readonly libraries: readonly string[];
  /** Folder that holds `tensorflow/c/c_api.h`, absolute. */
  readonly include: string;
}

const FRAMEWORK = "libtensorflow_framework.so.2";

/** Folder of the libraries below the given folder, and the library that is linked beside the framework. */
const LAYOUTS = [
  /** The C library's own archive, `libtensorflow-cpu-linux-x86_64.tar.gz`. */
  { below: "lib", library: "libtensorflow.so.2" },
  /** A Python's `site-packages/tensorflow`. */
  { below: ".", library: "libtensorflow_cc.so.2" },
] as const;

/** Finds the library in a folder. Throws an Error that names the missing part. */
export async function ownLibrary(path: string): Promise<Library> {
  const folder = await Deno.realPath(path).catch(() => undefined);
  if (folder === undefined) {
    throw new Error(`Cannot use --libtensorflow ${path}: there is no such folder, name one that is there`);
  }
  for (const { below, library } of LAYOUTS) {
    const libraries = [library, FRAMEWORK];
    const here = join(folder, below);
    if (!(await Promise.all(libraries.map((name) => isFile(join(here, name))))).every(Boolean)) continue;
    const include = join(folder, "include");
    if (await isFile(join(include, "tensorflow/c/c_api.h"))) return { folder: here, libraries, include };
    throw new Error(
      `Cannot use --libtensorflow ${path}: it has ${library} but no include/tensorflow/c/c_api.h, unpack the whole archive`,
    );
  }
  throw new Error(
    `Cannot use --libtensorflow ${path}: expected lib/libtensorflow.so.2 (the C library's archive) or libtensorflow_cc.so.2 ` +
      `(a Python's site-packages/tensorflow), each beside ${FRAMEWORK}, name such a folder`,
  );
}

async function isFile(path: string): Promise<boolean> {
  return await Deno.stat(path).then((info) => info.isFile, () => false);
}
