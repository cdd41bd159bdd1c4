/**
 * The processes of one workspace, as the kernel lists them: the engine, its watchdog and the tasks' children.
 *
 * @module
 */

export type Role = "engine" | "child" | "watchdog";

export interface Process {
  readonly pid: number;
  readonly role: Role;
}

/** Every live process whose command line names a file below the root, or that was started there. */
export function processesOf(root: string): Process[] {
  return pids().flatMap((pid) => {
    const line = textOf(`/proc/${pid}/cmdline`);
    if (line === "" || !(line.includes(`${root}/`) || cwdOf(pid) === root)) return [];
    const role = line.includes("pipeline/child/watchdog.ts")
      ? "watchdog"
      : line.includes("pipeline/child/entry.ts")
      ? "child"
      : line.includes("workflow/mod.ts")
      ? "engine"
      : undefined;
    return role === undefined ? [] : [{ pid, role }];
  });
}

/** Sends SIGKILL; false where the process does not exist. */
export function kill(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}

/** Waits until nothing runs there any more. Throws an Error that says what still does. */
export async function quiet(root: string, patience = 5000): Promise<void> {
  const start = performance.now();
  for (let left = processesOf(root); left.length > 0; left = processesOf(root)) {
    if (performance.now() - start > patience) {
      throw new Error(`Still running after ${patience} ms: ${left.map(({ role, pid }) => `${role} ${pid}`)}`);
    }
    await sleep(10);
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits for something to be so; false where it is not within the time. */
export async function until(isTrue: () => boolean, ms: number): Promise<boolean> {
  const end = performance.now() + ms;
  while (!isTrue()) {
    if (performance.now() > end) return false;
    await sleep(1);
  }
  return true;
}

function pids(): number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter(Number.isInteger);
}

function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

function cwdOf(pid: number): string {
  try {
    return Deno.readLinkSync(`/proc/${pid}/cwd`);
  } catch {
    return "";
  }
}
