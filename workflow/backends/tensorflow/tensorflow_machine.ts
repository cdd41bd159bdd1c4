/**
 * Requirements of the wheels, compared with this machine.
 *
 * @module
 */
import { runTool } from "./install/tool.ts";

/** Facts about a machine. */
export interface Machine {
  /** `linux x86_64` */
  readonly platform: string;
  /** Version of glibc, `2.36`; undefined for another C library. */
  readonly glibc?: string;
  /** Flags of /proc/cpuinfo; undefined where that file does not exist. */
  readonly cpu?: ReadonlySet<string>;
}

/** Platform of the wheels, tagged cp311-manylinux_2_27_x86_64. */
export const PLATFORM = "linux x86_64";

/** Oldest glibc that the wheels run on. */
const GLIBC = "2.27";

/** Reads the facts about this machine. */
export async function readMachine(): Promise<Machine> {
  return {
    platform: `${Deno.build.os} ${Deno.build.arch}`,
    glibc: await glibcVersion(),
    cpu: await cpuFlags(),
  };
}

async function glibcVersion(): Promise<string | undefined> {
  const said = await runTool(["ldd", "--version"]);
  const [first] = said?.stdout.split("\n") ?? [];
  return /\bmusl\b/i.test(`${said?.stdout} ${said?.stderr}`)
    ? undefined
    : first?.match(/(\d+\.\d+)\s*$/)?.[1];
}

/** Instruction sets of the first processor. */
export async function cpuFlags(): Promise<ReadonlySet<string> | undefined> {
  const text = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  const flags = text.match(/^flags\s*:\s*(.+)$/m)?.[1];
  return flags === undefined ? undefined : new Set(flags.split(/\s+/));
}

/** Reason why TensorFlow's wheels cannot run on a machine, with the next step; undefined where they can. */
export function refusal({ platform, glibc, cpu }: Machine): string | undefined {
  if (platform !== PLATFORM) {
    return `this is ${platform} and its wheels are for ${PLATFORM}, give a library of your own ` +
      "(--libtensorflow DIR) or use --backend wasm";
  }
  if (glibc === undefined || isOlder(glibc, GLIBC)) {
    const found = glibc === undefined
      ? "this system has another C library"
      : `this system has glibc ${glibc}`;
    return `${found}, its wheels need glibc ${GLIBC} or newer, use a newer distribution, a library of your own ` +
      "(--libtensorflow DIR) or --backend wasm";
  }
  if (cpu !== undefined && !cpu.has("avx")) {
    return "this CPU has no AVX, its wheels need that, give a library built for this CPU (--libtensorflow DIR) " +
      "or use --backend wasm";
  }
}

function isOlder(version: string, wanted: string): boolean {
  const [[major, minor], [least, lesser]] = [version, wanted].map((text) => text.split(".").map(Number));
  return major < least || (major === least && minor < lesser);
}

/**
 * The reason that a disk is too small, in words, with the next step; undefined where there is enough space.
 * Sizes in bytes.
 */
export function lackOfSpace(
  folder: string,
  { free, needed }: { readonly free: number; readonly needed: number },
): string | undefined {
  if (free >= needed) return;
  const [found, wanted] = [free, needed].map((bytes) => `${(bytes / 1e9).toFixed(1)} GB`);
  return `${found} are free in ${folder}, expected ${wanted}, make room or choose another disk by XDG_CACHE_HOME`;
}
