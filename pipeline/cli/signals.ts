/**
 * Ctrl-C and similar signals as an abort signal.
 *
 * @module
 */

/** Signals this close count as one, as `deno task` repeats a Ctrl-C that the terminal has sent too, ms. */
const ECHO = 500;

/** Aborts on the first signal; a second one ends the engine and its children at once. */
export function stopOnSignals(): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  let first = 0;
  const stop = () => {
    if (!controller.signal.aborted) first = performance.now();
    else if (performance.now() - first > ECHO) Deno.exit(1);
    controller.abort();
  };
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const name of signals) Deno.addSignalListener(name, stop);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => signals.forEach((name) => Deno.removeSignalListener(name, stop)),
  };
}
