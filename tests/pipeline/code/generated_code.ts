/**
 * A generated repository of two stages and their helpers, in any style and under any names.
 *
 * @module
 */
import { dirname, join, relative } from "node:path/posix";
import fc from "fast-check";
import { type Code, CodeIndex } from "../../../pipeline/code/code_of_stage.ts";
import { workspaceAt } from "../../../pipeline/base/workspace.ts";

/** Style of a module's text, which does not change its behaviour. */
export interface Style {
  readonly comment: string;
  readonly gap: string;
  readonly typed: boolean;
  readonly quote: '"' | "'";
  readonly parentheses: boolean;
  /** Writes the imports in the opposite order. */
  readonly backwards: boolean;
}

export const PLAIN: Style = {
  comment: "",
  gap: " ",
  typed: false,
  quote: '"',
  parentheses: false,
  backwards: false,
};

export const style: fc.Arbitrary<Style> = fc.record({
  comment: fc.stringMatching(/^[a-z {}"'`]{0,12}$/),
  gap: fc.constantFrom(" ", "\n", "\t \n", " /* between */ "),
  typed: fc.boolean(),
  quote: fc.constantFrom('"' as const, "'" as const),
  parentheses: fc.boolean(),
  backwards: fc.boolean(),
});

/** A module that exports a function of its constant and of what its imports export. */
export interface Helper {
  readonly constant: number;
  /** The module leaves a trace when it is evaluated. */
  readonly acts: boolean;
  /** Names of modules, without `.ts`. */
  readonly imports: readonly string[];
}

/** Module name → module. `stage_a`, `stage_b` and their workers are among them; data and kernels are beside them. */
export type Repository = Readonly<Record<string, Helper>>;

const HELPERS = 5;

/** A repository in which helpers import helpers of higher numbers and each stage has a worker. */
export function repository(acts: fc.Arbitrary<boolean>): fc.Arbitrary<Repository> {
  const importing = (from: number) =>
    fc.subarray(Array.from({ length: HELPERS - from }, (_, i) => `h${from + i}`), {
      minLength: Math.min(2, HELPERS - from),
    });
  const helper = (from: number) => fc.record({ constant: fc.nat(99), acts, imports: importing(from) });
  return fc.record({
    ...Object.fromEntries(Array.from({ length: HELPERS }, (_, i) => [`h${i}`, helper(i + 1)])),
    worker_a: helper(0),
    worker_b: helper(1),
    stage_a: helper(1),
    stage_b: helper(2),
  }) as unknown as fc.Arbitrary<Repository>;
}

/** Module name or file beside it → path that it is moved to. */
export type Moves = Readonly<Record<string, string>>;

/** Other names, some in folders, for all but the stages. */
export const moves: fc.Arbitrary<Moves> = fc.shuffledSubarray(
  ["x.ts", "a.ts", "m.ts", "b/h0.ts", "b/z.ts", "c/d/e.ts", "worker_b.ts", "c/y.ts"],
  { minLength: 7, maxLength: 7 },
).map((paths) => {
  const names = ["h0", "h1", "h2", "h3", "h4", "worker_a", "worker_b"];
  const files = { "data_a.json": "b/data.json", "kernel_a.wasm": "kernel.wasm" };
  return { ...Object.fromEntries(names.map((name, i) => [name, paths[i]])), ...files };
});

/** Names of the modules that loading some runs, in that order. */
export function reachable(modules: Repository, names: readonly string[]): string[] {
  const order = new Set<string>();
  const visit = (name: string) => {
    if (order.has(name)) return;
    modules[name].imports.forEach(visit);
    order.add(name);
  };
  names.forEach(visit);
  return [...order];
}

function pathOf(name: string, moves: Moves): string {
  return moves[name] ?? (name.includes(".") ? name : `${name}.ts`);
}

/** Text of a module, its imports sorted by specifier as `deno fmt` does it. */
function written(name: string, { constant, acts, imports }: Helper, style: Style, moves: Moves): string {
  const { comment, gap, typed, quote, parentheses, backwards } = style;
  const to = (other: string) => {
    const path = relative(dirname(pathOf(name, moves)), pathOf(other, moves));
    return `${quote}${path.startsWith(".") ? path : `./${path}`}${quote}`;
  };
  const of = (type: string) => typed ? `: ${type}` : "";
  const value = (text: string) => parentheses ? `((${text}))` : text;
  const lines = imports.map((other) => [to(other), `import${gap}{ f as ${other} }${gap}from ${to(other)};`])
    .sort().map(([, line]) => line);
  return [
    `// ${comment}`,
    ...(backwards ? lines.toReversed() : lines),
    typed ? `interface Unused {${gap}readonly field: string }` : "",
    `const own${of("number")} =${gap}${value(String(constant))};`,
    `/* ${comment} */`,
    acts ? `(globalThis as any).trace = ((globalThis as any).trace ?? "") + "${name} ";` : "",
    `export function f(x${of("number")})${of("number")} {${gap}return ${
      value(["own", ...imports.map((other) => `${other}(x)`)].join(" + "))
    };${gap}}`,
    ...(name.startsWith("stage_") ? stageLines(name, to) : []),
  ].join("\n");
}

function stageLines(name: string, to: (other: string) => string): string[] {
  const letter = name.at(-1);
  return [
    `import data from ${to(`data_${letter}.json`)} with { type: "json" };`,
    `export const start = () => new Worker(new URL(${
      to(`worker_${letter}`)
    }, import.meta.url), { type: "module" });`,
    `export const kernel = new URL(${to(`kernel_${letter}.wasm`)}, import.meta.url);`,
    `export default { name: "${name}", data, f };`,
    `if (import.meta.main) console.log((globalThis as any).trace);`,
  ];
}

/** A generated repository on disk; disposing of it removes it. */
export class GeneratedCode implements AsyncDisposable {
  private constructor(readonly root: string) {}

  static async create(): Promise<GeneratedCode> {
    const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "code-" }));
    await Deno.writeTextFile(join(root, "deno.json"), "{}");
    return new GeneratedCode(root);
  }

  /** Writes the files; those of an earlier call that have another name now stay, and nothing refers to them. */
  async write(
    modules: Repository,
    { styles = {}, moves = {} }: {
      readonly styles?: Readonly<Record<string, Style>>;
      readonly moves?: Moves;
    } = {},
  ): Promise<void> {
    for (const letter of ["a", "b"]) {
      await this.put(pathOf(`data_${letter}.json`, moves), `{"letter": "${letter}"}`);
      await this.put(pathOf(`kernel_${letter}.wasm`, moves), `kernel ${letter}`);
    }
    for (const [name, module] of Object.entries(modules)) {
      await this.put(pathOf(name, moves), written(name, module, styles[name] ?? PLAIN, moves));
    }
  }

  /** Writes a file if its text has changed. */
  async put(name: string, text: string): Promise<void> {
    const path = join(this.root, name);
    await Deno.mkdir(dirname(path), { recursive: true });
    if (await Deno.readTextFile(path).catch(() => undefined) !== text) await Deno.writeTextFile(path, text);
  }

  /** The code of both stages. */
  async codes(): Promise<readonly Code[]> {
    return this.#of(await CodeIndex.open(workspaceAt(this.root), this.#urls()));
  }

  /** The code of both stages as `deno info` and as a reader of archives see it. */
  async bothWays(): Promise<readonly (readonly Code[])[]> {
    const workspace = workspaceAt(this.root);
    const read = (isForeign: boolean) => CodeIndex.read({ ...workspace, isForeign }, this.#urls());
    return [this.#of(await read(false)), this.#of(await read(true))];
  }

  /** Output of the acting modules when a module is run. */
  async trace(name: string): Promise<string> {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", `${name}.ts`],
      cwd: this.root,
    }).output();
    if (stderr.length > 0) throw new Error(new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout).trim();
  }

  #of(index: CodeIndex): readonly Code[] {
    return this.#urls().map((stage) => index.of({ stage }));
  }

  #urls(): readonly string[] {
    return ["a", "b"].map((letter) => `file://${join(this.root, `stage_${letter}.ts`)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.root, { recursive: true });
  }
}
