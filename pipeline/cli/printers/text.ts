/**
 * Events as text.
 *
 * @module
 */
import type { Basis, Planned } from "../../plan/estimate.ts";
import type { Event } from "../../run/events.ts";
import { amount, bytes, count, roughly, seconds } from "../../base/quantities.ts";

/** The most reasons shown for a task; `deno task why` shows them all. */
const SHOWN = 3;

/** The lines that an event leaves on the screen. */
export function linesOf(event: Event): readonly string[] {
  switch (event.type) {
    case "plan":
      return planLines(event);
    case "backend":
      return [backendLine(event)];
    case "fresh":
    case "progress":
      return [];
    case "start":
      return [`run     ${event.id}: ${brief(event.reasons)}`];
    case "built":
      return [
        `built   ${event.id} in ${seconds(event.seconds)}${
          event.unchanged ? ", the same bytes as before" : ""
        }`,
      ];
    case "failed":
      return failureLines(event);
    case "skipped":
      return [`skipped ${event.id}: ${event.because} did not succeed`];
    case "published":
      return [`wrote   ${event.dir}`];
    case "notice":
      return [`note    ${event.message}`];
    case "checked":
      return [checkedLine(event)];
    case "stopped":
      return ["Stopped, what is done is kept: run the same command again to go on"];
    case "summary":
      return [summaryLine(event)];
    default:
      return event satisfies never;
  }
}

function backendLine({ name, reason, environment, sandboxed }: Event & { readonly type: "backend" }): string {
  const facts = Object.entries(environment).map(([part, value]) =>
    part === "backend" ? value : `${part} ${value}`
  );
  const chosen = reason === null ? "" : `: ${reason}`;
  const sandbox = sandboxed ? "" : "; its stages load native code, which no sandbox holds";
  return `backend ${name}${chosen} (${facts.join(", ")})${sandbox}`;
}

function planLines(plan: Event & { readonly type: "plan" }): string[] {
  const facts = [
    timeOf(plan),
    ...(plan.disk > 0 ? [`${bytes(plan.disk)} of disk`] : []),
    ...(plan.memory > 0 ? [`${bytes(plan.memory)} of memory`] : []),
  ];
  return [
    `${count(plan.tasks.length, "task")} to run, ${facts.join(", ")}:`,
    ...plan.tasks.map(plannedLine),
    "",
  ];
}

function timeOf({ seconds: most, least, unknown }: Event & { readonly type: "plan" }): string {
  if (most === 0) return "time unknown";
  const range = roughly(least) === roughly(most)
    ? `about ${roughly(most)}`
    : `about ${roughly(least)}, or ${roughly(most)} if all of it runs`;
  return unknown === 0 ? range : `${range} and ${count(unknown, "task")} of unknown time`;
}

/** The basis of an estimated time, in words. */
const BASIS: Readonly<Record<Basis, string>> = {
  measured: "as last time",
  scaled: "scaled from an earlier run",
  timed: "from a step that was timed",
  stated: "as declared",
};

function plannedLine({ id, action, reasons, seconds: time, basis }: Planned): string {
  const expected = time === null || basis === null ? "" : ` (about ${roughly(time)}, ${BASIS[basis]})`;
  return action === "run"
    ? `  ${id}: ${brief(reasons)}${expected}`
    : `  ${id}: if what it reads changes${expected}`;
}

function brief(reasons: readonly string[]): string {
  const own = reasons.filter((reason) => !reason.startsWith("input pending"));
  const words = own.length > 0 ? own : reasons;
  const more = words.length > SHOWN ? `, and ${words.length - SHOWN} more` : "";
  return words.slice(0, SHOWN).join(", ") + more;
}

function failureLines({ id, message, log }: Event & { readonly type: "failed" }): string[] {
  const where = log === null ? [] : [`        log: ${log} (deno task log '${id}')`];
  return [
    `FAILED  ${id}: ${message}`,
    ...where,
    "        mend the cause and run the same command again to go on",
  ];
}

function checkedLine({ id, files, difference }: Event & { readonly type: "checked" }): string {
  if (difference === null) return `same    ${id}: ${count(files, "file")} and its results, byte for byte`;
  const { against, file, offset, detail } = difference;
  const where = offset === null ? file : `${file} at byte ${offset}`;
  const other = against === "store" ? "two runs agree, the artifact in the store differs" : "two runs differ";
  return `DIFFERS ${id}: ${where}, ${detail} (${other})`;
}

function summaryLine({ built, fresh, failed }: Event & { readonly type: "summary" }): string {
  if (built.length + failed.length === 0) return `Nothing was run: ${count(fresh.length, "task")} fresh`;
  const parts = [`${built.length} built`, `${fresh.length} fresh`];
  return [...parts, ...(failed.length > 0 ? [`${failed.length} failed: ${failed.join(", ")}`] : [])].join(
    ", ",
  );
}

/** Progress as text: `42% 1,050 of 2,500 steps, 12/s, 2 min 05 s left`. */
export function progressText(
  { done, total, note, rate, left }: Event & { readonly type: "progress" },
): string {
  const percent = total > 0 ? `${Math.floor(100 * Math.min(1, done / total))}%` : "";
  return [
    `${percent.padStart(4)} ${amountOf(done)} of ${amountOf(total)}`,
    ...(rate === null ? [] : [`${amount(rate)}/s`]),
    ...(left === null ? [] : [`${seconds(left)} left`]),
    ...(note === null ? [] : [note]),
  ].join(", ");
}

function amountOf(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}
