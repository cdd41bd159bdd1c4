/**
 * TensorFlow's library from wheels, laid out as in a Python installation, so that it finds NVIDIA's.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { cudaExtras } from "../cuda.ts";
import { hashFile } from "../../../../pipeline/base/digests.ts";
import { allInstallations, damageIn, type Installation } from "../installation.ts";
import { exposure } from "./exposure.ts";
import type { Library } from "./own_library.ts";
import { cudaRequirements, pinnedDigest, TENSORFLOW, tensorflowWheel } from "./pins.ts";
import { download } from "./pip.ts";
import { unpackWheel } from "./wheel.ts";

/** Result of a download. */
export interface Fetched {
  readonly library: Library;
  readonly wheels: readonly { readonly file: string; readonly sha256: string }[];
}

/** Folders for the files of the wheels. */
interface Folders {
  /** Folder kept for libraries and headers, so that another build of the addon needs no second download. */
  readonly target: string;
  /** Folder that is removed: wheels. */
  readonly scratch: string;
}

/** File names of the libraries that the addon links. */
const LIBRARIES = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"];

/** The C headers that the addon includes, and the headers that they include. */
const HEADERS =
  /^tensorflow\/include\/(tensorflow\/c\/|xla\/tsl\/c\/|(tensorflow\/core|tsl)\/platform\/ctstring)/;

/** Files of NVIDIA's wheels that are used at run time. */
const CUDA = /\.so(\.\d+)*$|\/libdevice\.10\.bc$|\/bin\/ptxas$|(^|\/)LICENSE/i;

/** Fetches and unpacks TensorFlow's wheel and, for GPUs, those it names; an Error names the next step. */
export async function fetchLibrary(
  variant: "cpu" | "gpu",
  { version, say, ...folders }: Folders & {
    readonly version: string;
    readonly say: (line: string) => void;
  },
): Promise<Fetched> {
  const { name } = tensorflowWheel(variant, version);
  say(`fetch   ${name} ${version} with pip`);
  const [main] = await fetchWheels([`${name}==${version}`], { version, scratch: folders.scratch });
  say(`unpack  ${main.file}`);
  const metadata = await unpackWheel(main.path, {
    to: folders.target,
    wanted: (file) => HEADERS.test(file) || LIBRARIES.some((library) => file === `tensorflow/${library}`),
    read: ".dist-info/METADATA",
  });
  await Deno.remove(main.path);
  const cuda = variant === "gpu" ? await fetchCuda(metadata, { version, say, ...folders }) : [];
  const wheels = [main, ...cuda].map(({ file, sha256 }) => ({ file, sha256 }));
  return { library: libraryIn(folders.target), wheels };
}

async function fetchCuda(
  metadata: string,
  { version, say, target, scratch }: Folders & {
    readonly version: string;
    readonly say: (line: string) => void;
  },
): Promise<readonly Wheel[]> {
  const requirements = cudaRequirements(cudaExtras(metadata), version);
  say(`fetch   ${requirements.length} wheels of CUDA`);
  const wheels = await fetchWheels(requirements, { version, scratch });
  for (const { path, file } of wheels) {
    say(`unpack  ${file}`);
    await unpackWheel(path, { to: target, wanted: (name) => CUDA.test(name), read: ".dist-info/METADATA" });
    await Deno.remove(path);
  }
  return wheels;
}

interface Wheel {
  readonly path: string;
  readonly file: string;
  readonly sha256: string;
}

/** Downloads wheels. The pinned version needs pinned digests: an index may serve other files. */
async function fetchWheels(
  requirements: readonly string[],
  { version, scratch }: { readonly version: string; readonly scratch: string },
): Promise<readonly Wheel[]> {
  const wheels: Wheel[] = [];
  for (const path of await download(requirements, scratch)) {
    const [file, sha256] = [basename(path), await hashFile(path)];
    const pinned = pinnedDigest(file);
    const expected = pinned ?? (version === TENSORFLOW ? "that of a wheel of the pinned name" : sha256);
    if (sha256 !== expected) {
      throw new Error(
        `Cannot use ${file}: its SHA-256 is ${sha256}, expected ${expected}, ask who runs the index that pip uses, ` +
          "or give a library of your own (--libtensorflow DIR)",
      );
    }
    wheels.push({ path, file, sha256 });
  }
  return wheels;
}

function libraryIn(target: string): Library {
  const folder = join(target, "tensorflow");
  return { folder, libraries: LIBRARIES, include: join(folder, "include") };
}

/** A sound installation of the same wheels, of any build, that only the user may write. */
export async function sameWheels(
  variant: "cpu" | "gpu",
  version: string,
): Promise<Installation | undefined> {
  for (const { installation } of await allInstallations()) {
    if (installation?.variant !== variant || installation.tensorflow !== version) continue;
    if (await exposure(installation) !== undefined) continue;
    if ((await damageIn(installation, { rehash: true })).length === 0) return installation;
  }
}

/** Links an installation's libraries and headers into `target`; copies them if the disk has no hard links. */
export async function linkLibrary({ dir, files, source }: Installation, target: string): Promise<Fetched> {
  const below = "lib/";
  for (const name of Object.keys(files).filter((name) => name.startsWith(below))) {
    const to = join(target, name.slice(below.length));
    await Deno.mkdir(dirname(to), { recursive: true });
    await Deno.link(join(dir, name), to).catch(() => Deno.copyFile(join(dir, name), to));
  }
  return { library: libraryIn(target), wheels: "wheels" in source ? source.wheels : [] };
}
