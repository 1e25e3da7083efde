// Arithmetic of colours. Pure functions only.

/** Red, green and blue, from 0 to 1, as screens have them (sRGB). */
export type Colour = readonly [red: number, green: number, blue: number];

/** Returns `#rrggbb`. */
export function toHex(colour: Colour): string {
  return `#${colour.map((part) => Math.round(part * 255).toString(16).padStart(2, "0")).join("")}`;
}

export function fromHex(hex: string): Colour {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
  return [red!, green!, blue!];
}

/** Returns black or white, whichever reads better on the colour: it has a contrast of 4.5 at least, on any. */
export function inkOn(colour: Colour): "black" | "white" {
  const [red, green, blue] = colour.map(linear);
  const luminance = 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  // Contrast is (lighter + 0.05) / (darker + 0.05), as WCAG has it; both are the same at this luminance.
  return luminance > Math.sqrt(1.05 * 0.05) - 0.05 ? "black" : "white";
}

/** How different two colours look: their distance in OKLab, in which black and white are 1 apart. */
export function distance(one: Colour, other: Colour): number {
  const [a, b] = [oklab(one), oklab(other)];
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

function linear(part: number): number {
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}

function oklab(colour: Colour): [number, number, number] {
  const [r, g, b] = colour.map(linear) as [number, number, number];
  const long = Math.cbrt(0.4122215 * r + 0.5363325 * g + 0.051446 * b);
  const medium = Math.cbrt(0.2119035 * r + 0.6806995 * g + 0.107397 * b);
  const short = Math.cbrt(0.0883025 * r + 0.2817188 * g + 0.6299787 * b);
  return [
    0.2104543 * long + 0.7936178 * medium - 0.004072 * short,
    1.9779985 * long - 2.4285922 * medium + 0.4505937 * short,
    0.025904 * long + 0.7827718 * medium - 0.8086758 * short,
  ];
}
