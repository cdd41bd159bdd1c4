/**
 * A generated repository of two stages and their helpers, written in whatever style is asked for.
 *
 * @module
 */
import { join } from "node:path";
import fc from "fast-check";
import { type Code, CodeIndex } from "../../pipeline/code.ts";
import { workspaceAt } from "../../pipeline/workspace.ts";

/** How a module is written; none of it changes what it does. */
export interface Style {
  readonly comment: string;
  readonly gap: string;
  readonly typed: boolean;
  readonly quote: '"' | "'";
  readonly parentheses: boolean;
  /** Whether the imports stand in the opposite order. */
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
  /** It leaves a trace when it is evaluated. */
  readonly acts: boolean;
  /** Names of modules, without `.ts`. */
  readonly imports: readonly string[];
}

/** Module name → module. `stage_a`, `stage_b` and their workers are among them; `data.json` and `kernel.wasm` are beside them. */
export type Repository = Readonly<Record<string, Helper>>;

const HELPERS = 5;

/** Helpers import helpers of higher numbers; each stage has a worker; `stage_b` reads `stage_a`. */
export function repository(acts: fc.Arbitrary<boolean>): fc.Arbitrary<Repository> {
  const importing = (from: number) =>
    fc.subarray(Array.from({ length: HELPERS - from }, (_, i) => `h${from + i}`), {
      minLength: Math.min(2, HELPERS - from),
    });
  const helper = (from: number, also: readonly string[] = []) =>
    fc.record({ constant: fc.nat(99), acts, imports: importing(from).map((names) => [...names, ...also]) });
  return fc.record({
    ...Object.fromEntries(Array.from({ length: HELPERS }, (_, i) => [`h${i}`, helper(i + 1)])),
    worker_a: helper(0),
    worker_b: helper(1),
    stage_a: helper(1),
    stage_b: helper(2, ["stage_a"]),
  }) as unknown as fc.Arbitrary<Repository>;
}

/** Names of the modules that loading some runs, in that order; those of other stages left out. */
export function reachable(modules: Repository, names: readonly string[]): string[] {
  const order = new Set<string>();
  const visit = (name: string) => {
    if (order.has(name)) return;
    modules[name].imports.filter((next) => !next.startsWith("stage_")).forEach(visit);
    order.add(name);
  };
  names.forEach(visit);
  return [...order];
}

/** Text of a module. */
export function written(name: string, { constant, acts, imports }: Helper, style: Style): string {
  const { comment, gap, typed, quote, parentheses, backwards } = style;
  const q = (text: string) => `${quote}${text}${quote}`;
  const of = (type: string) => typed ? `: ${type}` : "";
  const value = (text: string) => parentheses ? `((${text}))` : text;
  const lines = imports.map((other) =>
    other.startsWith("stage_")
      ? `import${gap}${other}${gap}from ${q(`./${other}.ts`)};`
      : `import${gap}{ f as ${other} }${gap}from ${q(`./${other}.ts`)};`
  );
  const calls = imports.map((other) => other.startsWith("stage_") ? `${other}.name.length` : `${other}(x)`);
  return [
    `// ${comment}`,
    ...(backwards ? lines.toReversed() : lines),
    typed ? `interface Unused {${gap}readonly field: string }` : "",
    `const own${of("number")} =${gap}${value(String(constant))};`,
    `/* ${comment} */`,
    acts ? `(globalThis as any).trace = ((globalThis as any).trace ?? "") + ${q(`${name} `)};` : "",
    `export function f(x${of("number")})${of("number")} {${gap}return ${
      value(["own", ...calls].join(" + "))
    };${gap}}`,
    ...(name.startsWith("stage_") ? stageLines(name, q) : []),
  ].join("\n");
}

function stageLines(name: string, q: (text: string) => string): string[] {
  const letter = name.at(-1);
  return [
    `import data from ${q(`./data_${letter}.json`)} with { type: ${q("json")} };`,
    `export const start = () => new Worker(new URL(${q(`./worker_${letter}.ts`)}, import.meta.url), { type: ${
      q("module")
    } });`,
    `export const kernel = new URL(${q(`./kernel_${letter}.wasm`)}, import.meta.url);`,
    `export default { name: ${q(name)}, data, f };`,
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

  async write(modules: Repository, styles: Readonly<Record<string, Style>> = {}): Promise<void> {
    for (const letter of ["a", "b"]) {
      await this.put(`data_${letter}.json`, `{"letter": "${letter}"}`);
      await this.put(`kernel_${letter}.wasm`, `kernel ${letter}`);
    }
    for (const [name, module] of Object.entries(modules)) {
      await this.put(`${name}.ts`, written(name, module, styles[name] ?? PLAIN));
    }
  }

  /** Writes a file, where its text is another. */
  async put(name: string, text: string): Promise<void> {
    const path = join(this.root, name);
    if (await Deno.readTextFile(path).catch(() => undefined) !== text) await Deno.writeTextFile(path, text);
  }

  /** The code part of a stage's key. */
  async code(stage: string): Promise<Code["code"]> {
    const index = await CodeIndex.open(workspaceAt(this.root), {
      stages: ["a", "b"].map((letter) => this.url(`stage_${letter}.ts`)),
      roots: [],
    });
    return index.of(this.url(`${stage}.ts`), []).code;
  }

  /** The code of both stages as `deno info` and as a reader of archives see it. */
  async bothWays(): Promise<readonly (readonly Code["code"][])[]> {
    const urls = ["a", "b"].map((letter) => this.url(`stage_${letter}.ts`));
    const workspace = workspaceAt(this.root);
    const indices = await Promise.all(
      [false, true].map((isForeign) =>
        CodeIndex.read({ ...workspace, isForeign }, { stages: urls, roots: [] })
      ),
    );
    return indices.map((index) => urls.map((url) => index.of(url, []).code));
  }

  /** What the acting modules leave when a module is run. */
  async trace(name: string): Promise<string> {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", `${name}.ts`],
      cwd: this.root,
    }).output();
    if (stderr.length > 0) throw new Error(new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout).trim();
  }

  url(name: string): string {
    return `file://${join(this.root, name)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.root, { recursive: true });
  }
}
