/**
 * Setup of the TensorFlow backend: fetches the library (or takes the user's), compiles the addon, proves it,
 * and moves it into the cache in one step. No network is needed afterwards.
 *
 * @module
 */
import { join } from "node:path";
import { compile, requireCompiler } from "./install/compiler.ts";
import { close, exposure } from "./install/exposure.ts";
import { fetchLibrary, linkLibrary, sameWheels } from "./install/fetch.ts";
import { type Gpu, gpusHere } from "./gpu.ts";
import {
  ADDON,
  allInstallations,
  damageIn,
  type Installation,
  type InstallationRecord,
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

/** Waits for the lock, which the operating system releases when its holder ends, or closes the file. */
async function lockSetup(waiting: () => void): Promise<Deno.FsFile> {
  const folder = cacheFolder();
  try {
    await Deno.mkdir(folder, { recursive: true, mode: 0o755 });
    const file = await Deno.open(join(folder, ".lock"), { create: true, write: true });
    if (await file.tryLock(true)) return file;
    waiting();
    await file.lock(true);
    return file;
  } catch (cause) {
    throw new Error(`Cannot write to ${folder}, make it writable or choose another by XDG_CACHE_HOME`, {
      cause,
    });
  }
}

/** The parts of a setup that do not depend on where its library comes from. */
interface Setup extends Pick<Request, "say"> {
  readonly build: Build;
  readonly check: (proof: Proof) => void;
}

async function setUpWheels(request: Request, build: Build): Promise<SetUp> {
  const { version = TENSORFLOW, say } = request;
  const gpus = request.variant === "cpu" ? [] : await gpusHere();
  const variant = request.variant ?? (gpus.length > 0 ? "gpu" : "cpu");
  const check = (proof: Proof) => checkProof(proof, { version, gpus: variant === "cpu" ? [] : gpus });
  const setup = { build, say, check };
  const present = await workingInstallation(
    join(cacheFolder(), folderName(variant, { version, build })),
    setup,
  );
  if (present !== undefined) return present;
  await checkMachine(variant);
  return await install(setup, async ({ kept, scratch }) => {
    const target = join(kept, "lib");
    const other = await sameWheels(variant, version);
    if (other === undefined) await requirePip();
    else say(`link    the libraries of ${other.dir}`);
    const { library, wheels } = other === undefined
      ? await fetchLibrary(variant, { version, say, target, scratch })
      : await linkLibrary(other, target);
    return { variant, library, rpath: "$ORIGIN/lib/tensorflow", source: { wheels } };
  });
}

async function setUpOwn(library: Library, { build, say }: Omit<Setup, "check">): Promise<SetUp> {
  const gpus = await gpusHere();
  // A library built for CPUs only has no problem with a GPU: it looks for none.
  const check = (proof: Proof) => checkProof(proof, { gpus: proof.problems.length > 0 ? gpus : [] });
  const setup = { build, say, check };
  const { folder } = library;
  for (const { dir, installation } of await allInstallations()) {
    if (installation?.build !== build.digest || !("folder" in installation.source)) continue;
    if (installation.source.folder !== folder) continue;
    const present = await workingInstallation(dir, setup);
    if (present !== undefined) return present;
  }
  return await install(setup, () => ({ variant: "own", library, rpath: folder, source: { folder } }));
}

/** Uses the installation in a folder if its files are sound and it computes; else says what is wrong. */
async function workingInstallation(dir: string, { build, say, check }: Setup): Promise<SetUp | undefined> {
  const installation = await readInstallation(dir);
  if (installation === undefined) return;
  const exposed = await exposure(installation);
  if (exposed !== undefined) return void say(`exposed ${dir}: ${exposed.found}; it is set up again`);
  const damage = await damageIn(installation, { rehash: true });
  if (damage.length > 0) return void say(`damaged ${dir}: ${damage.join(", ")}, it is set up again`);
  try {
    const proof = await prove(installation.library);
    check(proof);
    await pointTo(installation, build);
    return { installation, already: true, proof };
  } catch (error) {
    say(`broken  ${dir}: ${(error as Error).message}; it is set up again`);
  }
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

/** A library to compile the addon against, and what the record says of it. */
interface Found extends Pick<InstallationRecord, "variant" | "source"> {
  readonly library: Library;
  readonly rpath: string;
}

/** Makes an installation in a staging folder, without leftovers of earlier setups, and moves it into place. */
async function install(
  { build, say, check }: Setup,
  find: (staging: Staging) => Found | Promise<Found>,
): Promise<SetUp> {
  const compiler = await requireCompiler();
  await removeLeftovers();
  const staging = await Deno.makeTempDir({ dir: cacheFolder(), prefix: ".staging-" });
  const [kept, scratch] = ["kept", "scratch"].map((name) => join(staging, name));
  try {
    for (const path of [kept, scratch]) await Deno.mkdir(path);
    const { variant, library, rpath, source } = await find({ kept, scratch });
    say(`compile with ${compiler.version}`);
    const addon = join(kept, ADDON);
    await compile(compiler, { library, rpath }, addon);
    say("prove   that it loads and multiplies");
    const proof = await prove(addon);
    check(proof);
    const own = variant === "own";
    await sealInstallation(kept, {
      variant,
      tensorflow: proof.tensorflow,
      compiler: compiler.version,
      source,
      binding: build.binding,
      headers: build.headers,
      build: build.digest,
      linked: own ? library.libraries.map((file) => join(library.folder, file)) : [],
    });
    await close(kept);
    const path = own ? library.folder : undefined;
    const dir = join(cacheFolder(), folderName(variant, { version: proof.tensorflow, build, path }));
    await Deno.rename(dir, join(staging, "replaced")).catch(ignoreMissing);
    await Deno.rename(kept, dir);
    const installation = (await readInstallation(dir))!;
    await pointTo(installation, build);
    return { installation, already: false, proof };
  } finally {
    await Deno.remove(staging, { recursive: true });
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
