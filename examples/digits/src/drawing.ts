// The drawing surface: holds the strokes and shows them on a canvas. What moves the pen is elsewhere.

import type { Point, Stroke } from "./preprocess";

/** Width of the pen that people see, as a part of the canvas's side. */
const PEN = 0.065;

/** What has just happened to a drawing: the pen moved, it was lifted, or all was wiped away. */
export type Change = "moved" | "lifted" | "cleared";

export interface Drawing {
  readonly strokes: readonly Stroke[];
  /** Puts the pen down. */
  begin(at: Point): void;
  /** Moves the pen; without effect while it is lifted. */
  extend(to: Point): void;
  /** Lifts the pen. */
  end(): void;
  clear(): void;
}

/** Makes a drawing on the canvas; `onChange` hears of every change. */
export function createDrawing(canvas: HTMLCanvasElement, onChange: (change: Change) => void): Drawing {
  const context = canvas.getContext("2d")!;
  let strokes: Point[][] = [];
  let current: Point[] | null = null;

  function paint(): void {
    const side = canvas.width;
    context.clearRect(0, 0, side, side);
    context.strokeStyle = context.fillStyle = getComputedStyle(canvas).color;
    context.lineWidth = PEN * side;
    context.lineCap = context.lineJoin = "round";
    for (const stroke of strokes) context.stroke(curve(stroke, side));
  }

  function changed(change: Change): void {
    paint();
    onChange(change);
  }

  // The canvas has as many pixels as the screen has under it, and the ink the colour of the scheme.
  new ResizeObserver(() => {
    canvas.width = canvas.height = Math.round(canvas.clientWidth * devicePixelRatio);
    paint();
  }).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);

  return {
    get strokes() {
      return strokes;
    },
    begin(at) {
      current = [at];
      strokes.push(current);
      changed("moved");
    },
    extend(to) {
      if (!current) return;
      current.push(to);
      changed("moved");
    },
    end() {
      if (!current) return;
      current = null;
      changed("lifted");
    },
    clear() {
      strokes = [];
      current = null;
      changed("cleared");
    },
  };
}

/** A smooth line through the points: curves from middle to middle, bent by the points between. */
function curve(points: Stroke, side: number): Path2D {
  const path = new Path2D();
  points.forEach(([x, y], i) => {
    const [nextX, nextY] = points[i + 1] ?? [x, y];
    if (i === 0) path.moveTo(x * side, y * side);
    path.quadraticCurveTo(x * side, y * side, ((x + nextX) / 2) * side, ((y + nextY) / 2) * side);
  });
  return path;
}
