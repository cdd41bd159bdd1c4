/**
 * Modules whose evaluation neither does anything nor depends on anything: they only declare. It is the same whenever
 * they are evaluated, so the order in which they are imported has no meaning.
 *
 * The test errs on the safe side: a call, a getter, a name of another module, anything that could run somebody's code
 * makes a module count as one that acts.
 *
 * @module
 */
import type { Node } from "./normalise.ts";

/** Whether a module does nothing but declare functions, classes and constants. */
export function isInert(tree: Node): boolean {
  return (tree.body as Node[]).every(isInertStatement);
}

function isInertStatement(node: Node): boolean {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportAllDeclaration":
    case "EmptyStatement":
    case "FunctionDeclaration":
      return true;
    case "ExpressionStatement":
      return node.directive !== undefined;
    case "ExportNamedDeclaration":
      return !node.declaration || isInertStatement(node.declaration as Node);
    case "ExportDefaultDeclaration":
      return (node.declaration as Node).type === "FunctionDeclaration" ||
        isInertValue(node.declaration as Node);
    case "ClassDeclaration":
      return isInertClass(node);
    case "VariableDeclaration":
      return isPlain(node) &&
        (node.declarations as Node[]).every(({ id, init }) =>
          (id as Node).type === "Identifier" && (!init || isInertValue(init as Node))
        );
    default:
      return false;
  }
}

/** `using` disposes of its value. */
function isPlain(declaration: Node): boolean {
  return ["const", "let", "var"].includes(declaration.kind as string);
}

function isInertValue(node: Node): boolean {
  switch (node.type) {
    case "FunctionExpression":
    case "ArrowFunctionExpression":
      return true;
    case "ClassDeclaration":
    case "ClassExpression":
      return isInertClass(node);
    case "ArrayExpression":
      return (node.elements as (Node | null)[]).every((element) => element === null || isInertValue(element));
    case "ObjectExpression":
      return (node.properties as Node[]).every((property) =>
        property.type === "Property" && isInertName(property) && isInertValue(property.value as Node)
      );
    default:
      return isPrimitive(node);
  }
}

function isInertName({ computed, key }: Node): boolean {
  return !computed || isPrimitive(key as Node);
}

/** Values made of literals alone: no operator on them runs anybody's code. */
function isPrimitive(node: Node): boolean {
  switch (node.type) {
    case "Literal":
      return true;
    case "UnaryExpression":
      return ["!", "typeof", "void"].includes(node.operator as string)
        ? isPrimitive(node.argument as Node)
        : isNumber(node);
    case "BinaryExpression":
      return isNumber(node);
    case "TemplateLiteral":
      return (node.expressions as Node[]).every(isNumber);
    default:
      return false;
  }
}

/** Arithmetic on what is not a number can throw: `1n + 1`. */
function isNumber(node: Node): boolean {
  const operator = node.operator as string;
  if (node.type === "UnaryExpression") {
    return ["+", "-", "~"].includes(operator) && isNumber(node.argument as Node);
  }
  if (node.type === "BinaryExpression") {
    return /^([-+*/%&|^]|\*\*|<<|>>>?)$/.test(operator) && isNumber(node.left as Node) &&
      isNumber(node.right as Node);
  }
  return node.type === "Literal" && typeof node.value === "number";
}

function isInertClass({ superClass, body }: Node): boolean {
  return !superClass && ((body as Node).body as Node[]).every(isInertMember);
}

function isInertMember(member: Node): boolean {
  if (member.type === "MethodDefinition") return isInertName(member);
  if (member.type !== "PropertyDefinition" || !isInertName(member)) return false;
  return !member.static || !member.value || isInertValue(member.value as Node);
}
