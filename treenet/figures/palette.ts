/**
 * The colours, names and font of every figure.
 *
 * The ten class colours started from Okabe and Ito's set. A random search moved them until the smallest
 * distance between any two (CIE 1976 ΔE, seen with normal vision, protanopia or deuteranopia after Machado,
 * Oliveira and Fernandes 2009) was largest, with a lightness L* of at most 76, so that dots show on white.
 * That smallest distance is 27; a test keeps it.
 *
 * @module
 */

/** CIFAR-10's classes; the index is the label. */
export interface ClassStyle {
  readonly name: string;
  /** Hex sRGB. */
  readonly colour: string;
  /** Vehicles are triangles and animals discs, so that colour is not the only sign. */
  readonly marker: "disc" | "triangle";
}

/** Classes by label, 0 to 9. */
export const classes: readonly ClassStyle[] = [
  { name: "airplane", colour: "#52beff", marker: "triangle" },
  { name: "automobile", colour: "#d52f4a", marker: "triangle" },
  { name: "bird", colour: "#f9ac09", marker: "disc" },
  { name: "cat", colour: "#be6700", marker: "disc" },
  { name: "deer", colour: "#0a4700", marker: "disc" },
  { name: "dog", colour: "#222222", marker: "disc" },
  { name: "frog", colour: "#0dd4a4", marker: "disc" },
  { name: "horse", colour: "#5a53ea", marker: "disc" },
  { name: "ship", colour: "#00599d", marker: "triangle" },
  { name: "truck", colour: "#039da0", marker: "triangle" },
];

/** The class colours alone, by label. */
export const classColours: readonly string[] = classes.map((style) => style.colour);

/** The only font family that `svgToPng` can draw, regular and bold. */
export const fontFamily = "DejaVu Sans";

/** Colours of text, from most to least important, and of lines, all on {@linkcode paper}. */
export const ink = { strong: "#1a1a1a", normal: "#333333", faint: "#666666", line: "#cccccc" } as const;

/** Background of every figure. */
export const paper = "#ffffff";

/**
 * Three lights for overlaid maps on dark grey, 58 ΔE apart or more, also with protanopia and deuteranopia.
 */
export const overlayColours = ["#ffc400", "#2f7dff", "#ff3d6e"] as const;
