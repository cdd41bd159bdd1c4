/**
 * Comma-separated values, RFC 4180, with a header line. Lines end in "\n"; "\r\n" is read too. Numbers are
 * written in the shortest form that reads back as the same double, so the same values give the same bytes.
 *
 * @module
 */

/** `null` is an empty field. */
export type Cell = string | number | boolean | null;

/** Column name → cell; a missing cell is an empty field. */
export type Row = Readonly<Record<string, Cell | undefined>>;

/** Contents of a file as text, which the reader turns into numbers where it expects them. */
export interface Csv {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, string>>[];
}

/** Writes rows under the given columns; a missing cell is an empty field. */
export async function writeCsv(
  path: string,
  table: { readonly columns: readonly string[]; readonly rows: readonly Row[] },
): Promise<void> {
  await Deno.writeTextFile(path, formatCsv(table));
}

/** Reads a file with a header line. */
export async function readCsv(path: string): Promise<Csv> {
  return parseCsv(decode(await Deno.readFile(path), path), path);
}

function decode(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Error(`Cannot read table ${path}: it is not UTF-8, make the file anew`, { cause });
  }
}

/**
 * The text of {@linkcode writeCsv}.
 *
 * @example
 * ```ts
 * import { formatCsv } from "./csv.ts";
 * formatCsv({ columns: ["model", "accuracy"], rows: [{ model: "cnn", accuracy: 0.5 }] }); // "model,accuracy\ncnn,0.5\n"
 * ```
 */
export function formatCsv(
  { columns, rows }: { readonly columns: readonly string[]; readonly rows: readonly Row[] },
): string {
  return [formatLine(columns), ...rows.map((row) => formatLine(columns.map((name) => row[name] ?? null)))]
    .join("");
}

/** One line, for files that grow: a header, or the cells of a row in the header's order. */
function formatLine(cells: readonly Cell[]): string {
  // A line of one empty field would read as no line: RFC 4180 allows quotes for it.
  if (cells.length === 1 && (cells[0] === null || cells[0] === "")) return '""\n';
  return cells.map(formatCell).join(",") + "\n";
}

/** Parses text with a header line; `path` names it in errors. */
export function parseCsv(text: string, path = "text"): Csv {
  const [columns, ...records] = splitRecords(text, path);
  if (columns === undefined) {
    throw new Error(`Cannot read table ${path}: it is empty, expected a header line, make it anew`);
  }
  const double = columns.find((name, i) => columns.indexOf(name) !== i);
  if (double !== undefined) {
    throw new Error(`Cannot read table ${path}: it has two columns "${double}", make the file anew`);
  }
  const rows = records.map((record, i) => {
    if (record.length === columns.length) return Object.fromEntries(columns.map((c, j) => [c, record[j]]));
    throw new Error(
      `Cannot read table ${path}: record ${i + 1} has ${record.length} fields, expected ${columns.length}, ` +
        "make the file anew",
    );
  });
  return { columns, rows };
}

function formatCell(cell: Cell): string {
  if (cell === null) return "";
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

// A field is quoted, with quotes doubled, or has no quotes; a comma, a line end or the end follows.
const FIELD = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;

function splitRecords(text: string, path: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  FIELD.lastIndex = 0;
  while (FIELD.lastIndex < text.length || record.length > 0) {
    const at = FIELD.lastIndex;
    const match = FIELD.exec(text);
    if (match === null) {
      const line = text.slice(0, at).split("\n").length;
      throw new Error(
        `Cannot read table ${path}: line ${line} has a stray quote or carriage return, make the file anew`,
      );
    }
    record.push(match[1]?.replaceAll('""', '"') ?? match[2]);
    if (match[3] === ",") continue;
    records.push(record);
    record = [];
  }
  return records;
}
