/**
 * Lint rules of this repository: who may import whom, and what would make a result depend on more than its key.
 *
 * - `layers/imports`: the engine (`pipeline/`) imports no stage; the science (`stages/treenet/`, `stages/formats/`)
 *   imports neither engine nor stages; of the stages only the composition root imports more of the engine than its contract,
 *   digests and files.
 * - `layers/computed-import`: an import of a computed name is no part of a stage's code as the engine sees it.
 * - `layers/hidden-input`: clock, random numbers and core count need no permission, so the sandbox cannot refuse them.
 *
 * @module
 */
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** Importing by a computed name is what these are for; none of them is part of a stage's code. */
const MAY_COMPUTE = [
  "stages/mod.ts",
  "stages/with_sections.ts",
  "stages/treenet/models.ts",
  "pipeline/estimate.ts",
  "pipeline/stage_runner.ts",
];

/** What of the engine a stage may import: its contract, digests and files. */
const BASE = ["types", "hash", "files", "canonical", "errors"].map((name) => `pipeline/${name}.ts`);

/** Objects and their members that read something no key knows. */
const HIDDEN: Readonly<Record<string, readonly string[]>> = {
  Date: ["now"],
  Math: ["random"],
  performance: ["now", "timeOrigin"],
  navigator: ["hardwareConcurrency"],
  crypto: ["randomUUID", "getRandomValues"],
};

/** What the runtime keeps between runs without asking for a permission. Workers have `caches` too. */
const MEMORIES = ["localStorage", "sessionStorage", "caches"];

const plugin: Deno.lint.Plugin = {
  name: "layers",
  rules: {
    "imports": {
      create(context) {
        const from = inRepository(context.filename);
        const check = (node: Deno.lint.Node, source: { readonly value: unknown } | null) => {
          if (typeof source?.value !== "string" || !source.value.startsWith(".")) return;
          const to = inRepository(join(dirname(context.filename), source.value));
          const message = refusal(from, to);
          if (message) context.report({ node, message });
        };
        return {
          ImportDeclaration: (node) => check(node, node.source),
          ExportNamedDeclaration: (node) => check(node, node.source),
          ExportAllDeclaration: (node) => check(node, node.source),
          ImportExpression: (node) => check(node, node.source.type === "Literal" ? node.source : null),
        };
      },
    },
    "computed-import": {
      create(context) {
        const from = inRepository(context.filename);
        if (!/^(pipeline|stages)\//.test(from) || MAY_COMPUTE.includes(from)) return {};
        return {
          ImportExpression(node) {
            if (node.source.type === "Literal") return;
            const message =
              "An import of a computed name escapes the code digest: name the module, or use `modules`";
            context.report({ node, message });
          },
        };
      },
    },
    "hidden-input": {
      create(context) {
        if (!inRepository(context.filename).startsWith("stages/")) return {};
        return {
          Identifier(node) {
            if (!MEMORIES.includes(node.name)) return;
            const message =
              `${node.name} outlives the run and is an input that no key knows: write to the scratch folder`;
            context.report({ node, message });
          },
          MemberExpression(node) {
            if (node.object.type !== "Identifier" || node.property.type !== "Identifier") return;
            const [object, member] = [node.object.name, node.property.name];
            if (!Object.hasOwn(HIDDEN, object) || !HIDDEN[object].includes(member)) return;
            const message =
              `${object}.${member} is an input that no key knows: take seeds from the parameters, ` +
              "cores from the context, and leave times to run.json";
            context.report({ node, message });
          },
          NewExpression(node) {
            if (
              node.callee.type !== "Identifier" || node.callee.name !== "Date" || node.arguments.length > 0
            ) return;
            context.report({
              node,
              message: "new Date() is an input that no key knows: leave times to run.json",
            });
          },
        };
      },
    },
  },
};

export default plugin;

/** `/`-separated path below the repository. */
function inRepository(path: string): string {
  return relative(ROOT, path).split(sep).join("/");
}

/** Why a module may not import another, or undefined where it may. Paths are relative to the repository. */
export function refusal(from: string, to: string): string | undefined {
  if (from.startsWith("pipeline/") && !to.startsWith("pipeline/")) {
    return `The engine imports nothing of ${to}: only the composition root knows both`;
  }
  if (isScience(from) && !isScience(to) && !to.endsWith(".json")) {
    return `The science imports neither engine nor stages, not ${to}`;
  }
  const isStage = from.startsWith("stages/") && from !== "stages/mod.ts";
  if (isStage && to.startsWith("pipeline/") && !BASE.includes(to)) {
    return `A stage imports nothing of the engine but ${BASE.join(", ")}`;
  }
}

function isScience(path: string): boolean {
  return path.startsWith("stages/treenet/") || path.startsWith("stages/formats/");
}
