/**
 * Lint rules of this repository, each with the way out in its message.
 *
 * - `house/floors`: imports run down the floors of `floors.ts`.
 * - `house/circle`: no module imports itself through others, types included.
 * - `house/folder`: a folder has at most 20 modules.
 * - `house/name`: no two modules have one name, except those that say a part of a folder (`mod`, `params`, `run`,
 *   `section`, `estimate`).
 * - `house/sentence`: a doc comment is a sentence that says what the thing is.
 * - `house/words`: texts outside every key are those of models and methods for people, never what a stage writes.
 * - `house/computed-import`: an import of a computed name is no part of a stage's code as the engine sees it.
 * - `house/hidden-input`: clock, random numbers and core count need no permission, so the sandbox cannot refuse them.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { refusal } from "./floors.ts";
import { circleIn, crowdIn, inRepository, modules, MOST_MODULES, namesakeIn } from "./import_graph.ts";

/** Words that begin a clause, not a sentence. */
const CLAUSE = /^(Of|What|Whether|Whose|Which|Who|Whom|How|Why|Where|That)\b/;

/** Importing by a computed name is what these are for; none of them is part of a stage's code. */
const MAY_COMPUTE = [
  "workflow/mod.ts",
  "workflow/with_sections.ts",
  "treenet/models.ts",
  "pipeline/plan/estimate.ts",
  "pipeline/child/run_stage.ts",
];

/** Files that own the configuration of a model or method. */
const MAY_SAY = /^treenet\/(models|methods)\/|^treenet\/nn\/tree\.ts$/;

/** Objects and their members that read something no key knows. */
const HIDDEN: Readonly<Record<string, readonly string[]>> = {
  Date: ["now"],
  Math: ["random"],
  performance: ["now", "timeOrigin"],
  navigator: ["hardwareConcurrency"],
  crypto: ["randomUUID", "getRandomValues"],
};

/** Stores of the runtime that outlive a run without a permission. Workers have `caches` too. */
const MEMORIES = ["localStorage", "sessionStorage", "caches"];

/** Refuses something about the file as a whole, at its first line. */
function aboutFile(complaint: (path: string) => string | undefined): Deno.lint.Rule {
  return {
    create(context) {
      return {
        Program(node) {
          const message = complaint(inRepository(context.filename));
          if (message) context.report({ node, message });
        },
      };
    },
  };
}

const plugin: Deno.lint.Plugin = {
  name: "house",
  rules: {
    "floors": {
      create(context) {
        const from = inRepository(context.filename);
        const check = (
          node: Deno.lint.Node,
          source: { readonly value: unknown } | null,
          isType: boolean,
        ) => {
          if (typeof source?.value !== "string" || !source.value.startsWith(".")) return;
          const to = inRepository(join(dirname(context.filename), source.value));
          const message = refusal({ from, to, isType });
          if (message !== undefined) context.report({ node, message });
        };
        return {
          ImportDeclaration: (node) => check(node, node.source, isTypeImport(node)),
          ExportNamedDeclaration: (node) => check(node, node.source, node.exportKind === "type"),
          ExportAllDeclaration: (node) => check(node, node.source, node.exportKind === "type"),
          ImportExpression: (node) => check(node, node.source.type === "Literal" ? node.source : null, false),
        };
      },
    },
    "circle": aboutFile((path) => {
      const circle = circleIn(modules(), path);
      return circle &&
        `${circle.join(" → ")} is a circle: move what two of them need to a module of its own`;
    }),
    "folder": aboutFile((path) => {
      const count = crowdIn([...modules().keys()], path);
      return count === undefined
        ? undefined
        : `${
          dirname(path)
        } has ${count} modules, expected ${MOST_MODULES} at most: give a part of them a folder`;
    }),
    "name": aboutFile((path) => {
      const other = namesakeIn([...modules().keys()], path);
      return other && `${other} has the same name: call this one by what sets it apart`;
    }),
    "sentence": {
      create(context) {
        return {
          Program() {
            for (const comment of context.sourceCode.getAllComments()) {
              if (comment.type !== "Block" || !comment.value.startsWith("*")) continue;
              const text = comment.value.replace(/^[\s*]+/, "");
              if (!CLAUSE.test(text)) continue;
              const [word] = text.match(CLAUSE)!;
              context.report({
                node: comment as unknown as Deno.lint.Node,
                message:
                  `A doc comment is a sentence that says what the thing is, "${word} …" is none: begin with the ` +
                  "thing, or drop the comment where the name says it",
              });
            }
          },
        };
      },
    },
    "words": {
      create(context) {
        const path = inRepository(context.filename);
        if (!/^(stages|treenet|formats)\//.test(path) || MAY_SAY.test(path)) return {};
        return {
          TaggedTemplateExpression(node) {
            if (node.tag.type !== "Identifier" || node.tag.name !== "words") return;
            context.report({
              node,
              message:
                "A text tagged `words` is in no key, and this one could enter a result: write it without the tag",
            });
          },
        };
      },
    },
    "computed-import": {
      create(context) {
        const from = inRepository(context.filename);
        if (!/^(pipeline|stages|treenet|formats|workflow)\//.test(from) || MAY_COMPUTE.includes(from)) {
          return {};
        }
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
        if (!/^(stages|treenet|formats)\//.test(inRepository(context.filename))) return {};
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

function isTypeImport({ importKind, specifiers }: Deno.lint.ImportDeclaration): boolean {
  return importKind === "type" ||
    (specifiers.length > 0 &&
      specifiers.every((specifier) =>
        specifier.type === "ImportSpecifier" && specifier.importKind === "type"
      ));
}
