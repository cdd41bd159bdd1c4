/**
 * Ends the children of a dead engine. The engine alone holds this process's stdin open: its lines add and
 * remove children (`+pid`, `-pid`), and its end means that the engine is gone.
 *
 * @module
 */
import { readLines } from "./protocol.ts";

const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM", "SIGHUP"];
// Signals reach the whole process group; only the end of the engine counts.
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
