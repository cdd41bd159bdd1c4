/**
 * Ends a dead engine's children. One such process runs beside an engine that has any; its stdin, held open by the engine
 * alone, says which they are (`+pid`, `-pid`) and, by its end, that the engine is gone however it ended.
 *
 * @module
 */
import { readLines } from "./protocol.ts";

const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM", "SIGHUP"];
// They go to the whole process group; only the end of the engine counts.
for (const name of signals) Deno.addSignalListener(name, () => {});

const children = new Set<number>();
for await (const line of readLines(Deno.stdin.readable)) {
  const pid = Number(line.slice(1));
  if (line.startsWith("+")) children.add(pid);
  else children.delete(pid);
}
for (const pid of children) {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
Deno.exit(0);
