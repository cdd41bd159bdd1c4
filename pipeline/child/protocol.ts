/**
 * Messages between the engine and a task's child process. The engine writes the job as the first line of the
 * child's stdin and keeps the pipe open, whose end means that the engine is gone. The child answers with
 * marked JSON lines on stdout; all other output belongs to the log.
 *
 * @module
 */
import type { Artifact, Json } from "../stage.ts";

export interface Job {
  readonly task: string;
  /** URL of the module that exports the stage's `run`. */
  readonly run: string;
  /** URLs of the modules that its parameters chose, by name. */
  readonly modules: Readonly<Record<string, string>>;
  readonly params: Json;
  readonly inputs: Readonly<Record<string, Artifact | readonly Artifact[]>>;
  readonly out: string;
  readonly scratch: string;
  /** True where the stage may write `scratch`, which the child then locks. */
  readonly resumes: boolean;
  readonly cores: number;
  readonly backend: string;
  readonly library?: string;
  readonly hints: Readonly<Record<string, string>>;
  /** Prefix of the child's messages, so that a stage's output is never mistaken for one. */
  readonly mark: string;
}

/** A message of a running stage. */
export type Message =
  /** The stage's code is loaded; later edits do not affect the run. */
  | { readonly type: "loaded" }
  | { readonly type: "progress"; readonly done: number; readonly total: number; readonly note: string | null }
  | { readonly type: "record"; readonly name: string; readonly value: Json }
  | { readonly type: "result"; readonly meta: Json }
  | { readonly type: "error"; readonly message: string; readonly stack: string };

/** Later lines of the child's stdin: a request to stop at the next checkpoint. */
export const STOP = "stop";

/** A message as a line of the child's stdout; the first line break ends the stage's own line. */
export function encode(message: Message, mark: string): string {
  return `\n${mark}${JSON.stringify(message)}\n`;
}

/** The message in a line, or undefined for the stage's own output. */
export function decode(line: string, mark: string): Message | undefined {
  return line.startsWith(mark) ? JSON.parse(line.slice(mark.length)) as Message : undefined;
}

/** The most characters of a line, as a stage may print gigabytes without a line break. */
const LONGEST = 1 << 16;

/** Lines of a stream, without line breaks. */
export async function* readLines(bytes: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  for await (const lines of readBatches(bytes)) yield* lines;
}

/**
 * Lines of a stream in batches as they arrive, without line breaks. Long lines arrive in parts, except those
 * that start with `whole`.
 */
export async function* readBatches(
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
  { whole }: { readonly whole?: string } = {},
): AsyncGenerator<readonly string[]> {
  let rest = "";
  for await (const text of bytes.pipeThrough(new TextDecoderStream())) {
    const parts = text.split("\n");
    parts[0] = rest + parts[0]; // not split again: a job may be of 100 MB
    rest = parts.pop()!;
    yield parts;
    if (whole === undefined || rest.length < LONGEST || rest.startsWith(whole)) continue;
    yield [rest];
    rest = "";
  }
  if (rest !== "") yield [rest];
}
