// What moves the pen: mouse, touch and stylus through pointer events, and the keyboard.

import type { Drawing } from "./drawing";
import type { Point } from "./preprocess";

/** Draws with the pointer that is pressed first; others are ignored until it is released. */
export function drawWithPointer(canvas: HTMLCanvasElement, drawing: Drawing): void {
  let pen: number | null = null;

  function place(event: PointerEvent): Point {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (pen !== null || event.button !== 0) return;
    pen = event.pointerId;
    canvas.setPointerCapture(pen);
    drawing.begin(place(event));
  });

  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pen) return;
    // Browsers bundle the moves between two frames; a quick hand needs them all.
    const moves = event.getCoalescedEvents();
    for (const move of moves.length > 0 ? moves : [event]) drawing.extend(place(move));
  });

  // Comes after a release and after a cancelled touch alike.
  canvas.addEventListener("lostpointercapture", (event) => {
    if (event.pointerId !== pen) return;
    pen = null;
    drawing.end();
  });
}

const STEP = 0.025;
const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};

/** Draws with the arrow keys; `cursor` shows where the pen is, `say` speaks of it to a screen reader. */
export function drawWithKeys(
  canvas: HTMLCanvasElement,
  drawing: Drawing,
  cursor: HTMLElement,
  say: (text: string) => void,
): void {
  let at: Point = [0.5, 0.2];
  let down = false;

  function show(): void {
    cursor.style.left = `${at[0] * 100}%`;
    cursor.style.top = `${at[1] * 100}%`;
    cursor.classList.toggle("down", down);
  }

  function lift(): void {
    if (down) drawing.end();
    down = false;
    show();
  }

  canvas.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const step = ARROWS[event.key];
    if (step) {
      at = [clamp(at[0] + step[0]), clamp(at[1] + step[1])];
      if (down) drawing.extend(at);
    } else if (event.key === " ") {
      if (down) {
        lift();
      } else {
        down = true;
        drawing.begin(at);
        say("Pen down");
      }
    } else if (event.key === "Escape") {
      lift();
      drawing.clear();
    } else {
      return;
    }
    event.preventDefault();
    show();
  });

  canvas.addEventListener("blur", lift);
  canvas.addEventListener("pointerdown", lift);
  show();
}

function clamp(value: number): number {
  return Math.min(0.95, Math.max(0.05, value));
}
