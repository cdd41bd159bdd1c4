/**
 * What the engine and a task's child process say to each other. The engine writes the job as the first line of the
 * child's stdin and keeps the pipe open: its end means that the engine is gone. The child answers with marked JSON
 * lines on stdout; all else that is printed there belongs to the log.
 *
 * @module
 */
import type { Artifact, Json } from "../stage.ts";

export interface Job {
  readonly task: string;
  /** URL of the module that exports the stage's `run`. */
  readonly run: string;
  /** Name → URL of the modules its parameters chose. */
  readonly modules: Readonly<Record<string, string>>;
  readonly params: Json;
  readonly inputs: Readonly<Record<string, Artifact | readonly Artifact[]>>;
  readonly out: string;
  readonly scratch: string;
  /** Whether it may write `scratch`, which it then locks. */
  readonly resumes: boolean;
  readonly cores: number;
  readonly backend: string;
  readonly library?: string;
  readonly hints: Readonly<Record<string, string>>;
  /** Marks the child's answers, so that nothing a stage prints is taken for one. */
  readonly mark: string;
}

/** What a running stage reports. */
export type Message =
  /** The stage's code is in memory: an edit from now on changes nothing. */
  | { readonly type: "loaded" }
  | { readonly type: "progress"; readonly done: number; readonly total: number; readonly note: string | null }
  | { readonly type: "record"; readonly name: string; readonly value: Json }
  | { readonly type: "result"; readonly meta: Json }
  | { readonly type: "error"; readonly message: string; readonly stack: string };

/** Second and later lines of the child's stdin: the stage is asked to stop where it can go on later. */
export const STOP = "stop";

/** A message as a line of the child's stdout; the first line break ends whatever the stage was printing. */
export function encode(message: Message, mark: string): string {
  return `\n${mark}${JSON.stringify(message)}\n`;
}

/** The message of a line, or undefined where the line is the stage's own. */
export function decode(line: string, mark: string): Message | undefined {
  return line.startsWith(mark) ? JSON.parse(line.slice(mark.length)) as Message : undefined;
}

/** Characters after which a line is cut in two: a stage may print gigabytes without a line break. */
const LONGEST = 1 << 16;

/** Lines of a stream, without their ends. */
export async function* readLines(bytes: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  for await (const lines of readBatches(bytes)) yield* lines;
}

/**
 * Lines of a stream, without their ends, as many at a time as have come. Long ones come in pieces, but for those that
 * start with `whole`.
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
