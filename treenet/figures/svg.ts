/**
 * SVG elements as text. Coordinates are rounded to a hundredth of a unit, so that the last bits of a
 * computation do not change a figure's bytes.
 *
 * @module
 */
import { fontFamily, ink, paper } from "./palette.ts";

/** Attribute → value; `undefined` omits the attribute. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element with its content, which is already SVG. */
export function element(name: string, attributes: Attributes, content = ""): string {
  const written = Object.entries(attributes).filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === "number" ? coordinate(value) : escapedXml(value!)}"`);
  return content === ""
    ? `<${name}${written.join("")}/>`
    : `<${name}${written.join("")}>${content}</${name}>`;
}

/** 12.3456 → "12.35", 3 → "3". */
export function coordinate(value: number): string {
  const rounded = Math.round(value * 100) / 100;
  return String(rounded === 0 ? 0 : rounded);
}

export interface TextStyle {
  /** Units. @default 11 */
  readonly size?: number;
  /** @default "start" */
  readonly anchor?: "start" | "middle" | "end";
  readonly bold?: boolean;
  /** @default ink.normal */
  readonly fill?: string;
  /** Rotation about the text's anchor point, degrees. */
  readonly turn?: number;
}

/** A line of text with its baseline at `at`. */
export function text(content: string, at: Point, style: TextStyle = {}): string {
  return element("text", {
    x: at.x,
    y: at.y,
    "font-size": style.size ?? 11,
    "text-anchor": style.anchor === "start" ? undefined : style.anchor,
    "font-weight": style.bold ? "bold" : undefined,
    fill: style.fill ?? ink.normal,
    transform: style.turn === undefined
      ? undefined
      : `rotate(${style.turn} ${coordinate(at.x)} ${coordinate(at.y)})`,
  }, escapedXml(content));
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A whole drawing; screen readers say its `title`. */
export function drawing(
  content: readonly string[],
  options: { readonly width: number; readonly height: number; readonly title: string },
): string {
  const { width, height, title } = options;
  const parts = [
    element("title", {}, escapedXml(title)),
    element("rect", { width, height, fill: paper }),
    ...content,
  ];
  return element("svg", {
    xmlns: "http://www.w3.org/2000/svg",
    width,
    height,
    viewBox: `0 0 ${coordinate(width)} ${coordinate(height)}`,
    "font-family": fontFamily,
    role: "img",
  }, `\n${parts.join("\n")}\n`) + "\n";
}

function escapedXml(value: string): string {
  return value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
