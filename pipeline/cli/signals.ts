/**
 * Ctrl-C and its kin, as an abort signal.
 *
 * @module
 */

/** `deno task` passes a Ctrl-C on that the terminal has sent as well: signals so close are one, in ms. */
const ECHO = 500;

/** Aborts on the first signal; a second one ends the engine at once, and with it its children. */
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
