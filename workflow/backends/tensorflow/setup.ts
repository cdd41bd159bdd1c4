/**
 * Setup of the TensorFlow backend: fetches the library (or takes the user's), compiles the addon, proves it,
 * and moves it into the cache in one step. No network is needed afterwards.
 *
 * @module
 */
import { join } from "node:path";
import { compile, requireCompiler } from "./install/compiler.ts";
import { close, exposure } from "./install/exposure.ts";
import { fetchLibrary } from "./install/fetch.ts";
import { type Gpu, gpusHere } from "./gpu.ts";
import {
  ADDON,
  allInstallations,
  damageIn,
  type Installation,
  pointTo,
  readInstallation,
  sealInstallation,
} from "./installation.ts";
import { freeBytes } from "../../../pipeline/base/files.ts";
import { lackOfSpace, readMachine, refusal } from "./tensorflow_machine.ts";
import { type Library, ownLibrary } from "./install/own_library.ts";
import { requirePip } from "./install/pip.ts";
import { SIZES, TENSORFLOW } from "./install/pins.ts";
import { type Build, cacheFolder, currentBuild, folderName } from "./cache_folder.ts";
import { type Proof, prove } from "./prove.ts";
import { linkLibrary, sameWheels } from "./install/reuse.ts";
import { lockSetup } from "./install/setup_lock.ts";
import { sources } from "./install/native_sources.ts";

/** Request for a setup. */
export interface Request {
  /** @default gpu where an NVIDIA GPU is seen, else cpu */
  readonly variant?: "cpu" | "gpu";
  /** Version of the wheel. @default the pinned one */
  readonly version?: string;
  /** The user's own library, instead of a wheel. */
  readonly libtensorflow?: string;
  /** Receives each step in progress as a line. */
  readonly say: (line: string) => void;
}

/** Result of a setup. */
export interface SetUp {
  readonly installation: Installation;
  /** True if the installation existed already. */
  readonly already: boolean;
  readonly proof: Proof;
}

/** Sets TensorFlow up, unless it is set up. Throws an Error that names the next step. */
export async function setUp(request: Request): Promise<SetUp> {
  using _lock = await lockSetup(() => request.say("wait    for another setup to end"));
  const exposed = await exposure({ dir: cacheFolder() });
  if (exposed !== undefined) throw new Error(`Cannot set up TensorFlow: ${exposed.found}, ${exposed.next}`);
  const build = currentBuild();
  return request.libtensorflow === undefined
    ? await setUpWheels(request, build)
    : await setUpOwn(await ownLibrary(request.libtensorflow), { build, ...request });
}

async function setUpWheels(request: Request, build: Build): Promise<SetUp> {
  const { version = TENSORFLOW, say } = request;
  const gpus = request.variant === "cpu" ? [] : await gpusHere();
  const variant = request.variant ?? (gpus.length > 0 ? "gpu" : "cpu");
  const name = folderName(variant, { version, build });
  const check = (proof: Proof) => checkProof(proof, { version, gpus: variant === "cpu" ? [] : gpus });
  const present = await workingInstallation(join(cacheFolder(), name), { say, check });
  if (present !== undefined) return await alreadyThere(present, build);
  await checkMachine(variant);
  const compiler = await requireCompiler();
  const other = await sameWheels(variant, version);
  if (other === undefined) await requirePip();
  return await staged(async (staging) => {
    const target = join(staging.kept, "lib");
    if (other !== undefined) say(`link    the libraries of ${other.dir}`);
    const { library, wheels } = other === undefined
      ? await fetchLibrary(variant, { version, say, target, scratch: staging.scratch })
      : await linkLibrary(other, target);
    const rpath = "$ORIGIN/lib/tensorflow";
    const proof = await compileAndProve({ staging, library, rpath, compiler, say });
    check(proof);
    const facts = {
      variant,
      tensorflow: proof.tensorflow,
      compiler: compiler.version,
      source: { wheels },
      linked: [],
    };
    return { name, build, proof, facts };
  });
}

async function setUpOwn(
  library: Library,
  { build, say }: Pick<Request, "say"> & { readonly build: Build },
): Promise<SetUp> {
  const gpus = await gpusHere();
  // A library built for CPUs only has no problem with a GPU: it looks for none.
  const check = (proof: Proof) => checkProof(proof, { gpus: proof.problems.length > 0 ? gpus : [] });
  for (const { dir, installation } of await allInstallations()) {
    if (installation?.build !== build.digest || !("folder" in installation.source)) continue;
    if (installation.source.folder !== library.folder) continue;
    const present = await workingInstallation(dir, { say, check });
    if (present !== undefined) return await alreadyThere(present, build);
  }
  const compiler = await requireCompiler();
  return await staged(async (staging) => {
    const rpath = library.folder;
    const proof = await compileAndProve({ staging, library, rpath, compiler, say });
    check(proof);
    const name = folderName("own", { version: proof.tensorflow, build, path: library.folder });
    const linked = library.libraries.map((file) => join(library.folder, file));
    const source = { folder: library.folder };
    const facts = {
      variant: "own" as const,
      tensorflow: proof.tensorflow,
      compiler: compiler.version,
      source,
      linked,
    };
    return { name, build, proof, facts };
  });
}

/** An installation that computes. */
type Working = Pick<SetUp, "installation" | "proof">;

/** Returns the installation in a folder if its files are sound and it computes; else says what is wrong. */
async function workingInstallation(
  dir: string,
  { say, check }: Pick<Request, "say"> & { readonly check: (proof: Proof) => void },
): Promise<Working | undefined> {
  const installation = await readInstallation(dir);
  if (installation === undefined) return;
  const exposed = await exposure(installation);
  if (exposed !== undefined) return void say(`exposed ${dir}: ${exposed.found}; it is set up again`);
  const damage = await damageIn(installation, { rehash: true });
  if (damage.length > 0) return void say(`damaged ${dir}: ${damage.join(", ")}, it is set up again`);
  try {
    const proof = await prove(installation.library);
    check(proof);
    return { installation, proof };
  } catch (error) {
    say(`broken  ${dir}: ${(error as Error).message}; it is set up again`);
  }
}

async function alreadyThere(working: Working, build: Build): Promise<SetUp> {
  await pointTo(working.installation, build);
  return { ...working, already: true };
}

async function checkMachine(variant: "cpu" | "gpu"): Promise<void> {
  const reason = refusal(await readMachine());
  if (reason !== undefined) throw new Error(`Cannot set up TensorFlow: ${reason}`);
  const { wheels, kept } = SIZES[variant];
  const full = lackOfSpace(cacheFolder(), { free: await freeBytes(cacheFolder()), needed: wheels + kept });
  if (full !== undefined) throw new Error(`Cannot set up TensorFlow: ${full}`);
}

/** Two folders on the cache's disk. */
interface Staging {
  /** Folder that becomes the installation. */
  readonly kept: string;
  readonly scratch: string;
}

interface Made {
  /** Name of the installation's folder. */
  readonly name: string;
  readonly build: Build;
  readonly proof: Proof;
  readonly facts: Omit<Parameters<typeof sealInstallation>[1], "binding" | "headers" | "build">;
}

/** Removes leftovers of earlier setups, makes an installation in a staging folder and moves it into place. */
async function staged(make: (staging: Staging) => Promise<Made>): Promise<SetUp> {
  await removeLeftovers();
  const folder = await Deno.makeTempDir({ dir: cacheFolder(), prefix: ".staging-" });
  try {
    const staging = { kept: join(folder, "kept"), scratch: join(folder, "scratch") };
    for (const path of Object.values(staging)) await Deno.mkdir(path);
    const { name, build, proof, facts } = await make(staging);
    const { binding, headers, digest } = build;
    await sealInstallation(staging.kept, { ...facts, binding, headers, build: digest });
    await close(staging.kept);
    const dir = join(cacheFolder(), name);
    await Deno.rename(dir, join(folder, "replaced")).catch(ignoreMissing);
    await Deno.rename(staging.kept, dir);
    const installation = (await readInstallation(dir))!;
    await pointTo(installation, build);
    return { installation, already: false, proof };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function removeLeftovers(): Promise<void> {
  for await (const { name } of Deno.readDir(cacheFolder())) {
    if (name.startsWith(".staging-")) await Deno.remove(join(cacheFolder(), name), { recursive: true });
  }
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

async function compileAndProve(
  { staging, library, rpath, compiler, say }: Pick<Request, "say"> & {
    readonly staging: Staging;
    readonly library: Library;
    readonly rpath: string;
    readonly compiler: Parameters<typeof compile>[0];
  },
): Promise<Proof> {
  say(`compile with ${compiler.version}`);
  const { files, headers } = await sources();
  const addon = join(staging.kept, ADDON);
  const { folder, libraries, include } = library;
  await compile(
    compiler,
    { sources: files, headers: [include, ...headers], folder, rpath, libraries },
    addon,
  );
  say("prove   that it loads and multiplies");
  return await prove(addon);
}

/** Refuses an unused GPU, and another version than requested. */
function checkProof(
  { tensorflow, device, problems }: Proof,
  { version = tensorflow, gpus }: {
    /** Version expected. @default any */
    readonly version?: string;
    /** GPUs of which one must be used. */
    readonly gpus: readonly Gpu[];
  },
): void {
  if (tensorflow !== version) {
    throw new Error(
      `Cannot set up TensorFlow: its library says it is ${tensorflow}, expected ${version}, look for another copy in LD_PRELOAD`,
    );
  }
  if (gpus.length === 0 || device !== "cpu") return;
  const why = problems.join(", ") || `see what its driver (${gpus[0].driver ?? "unknown"}) supports`;
  throw new Error(
    `Cannot set up TensorFlow for ${
      gpus[0].name
    }: it computes on the CPU, ${why}; mend that, or set it up with --variant cpu`,
  );
}
