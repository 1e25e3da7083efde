// What the page shows where there is no camera: a film, drawn on a canvas, in which one thing after the other is held up.

import { things } from "./things";

const SIDE = 480;
const SHOWN = 3000; // milliseconds for each thing
const ROOMS = [
  ["#f7d9c4", "#e7a98b"],
  ["#cfe3f5", "#7fa6cf"],
  ["#dcefd7", "#86b08a"],
  ["#efe6fa", "#a792cf"],
  ["#3a4256", "#191d29"],
] as const;

/** Starts the film; the stream ends with its tracks, and the film with the stream. */
export async function openFilm(): Promise<MediaStream> {
  const drawings = await Promise.all([...things.values()].map(loadImage));
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  const context = canvas.getContext("2d")!;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const begun = performance.now();

  draw(context, drawings, 0, still);
  const stream = canvas.captureStream(30);
  const track = stream.getVideoTracks()[0]!;
  (function next() {
    if (track.readyState === "ended") return;
    draw(context, drawings, performance.now() - begun, still);
    requestAnimationFrame(next);
  })();
  return stream;
}

function loadImage(url: string): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = url;
  return image.decode().then(() => image);
}

/** Draws the film as it is at a time: a room, and in it a drawing, on a phone, on paper, or cut out. */
function draw(context: CanvasRenderingContext2D, drawings: readonly HTMLImageElement[], time: number, still: boolean): void {
  const turn = Math.floor(time / SHOWN);
  const seconds = still ? 0.5 : time / 1000;
  const drawing = drawings[turn % drawings.length]!;
  const [light, dark] = ROOMS[turn % ROOMS.length]!;
  const room = context.createLinearGradient(0, 0, SIDE * 0.4, SIDE);
  room.addColorStop(0, light);
  room.addColorStop(1, dark);
  context.fillStyle = room;
  context.fillRect(0, 0, SIDE, SIDE);

  context.save();
  context.translate(SIDE / 2 + Math.sin(seconds * 1.1) * 46, SIDE / 2 + Math.sin(seconds * 1.7) * 30);
  context.rotate(Math.sin(seconds * 0.9) * 0.22);
  const nearness = 1 + Math.sin(seconds * 0.7) * 0.14;
  context.scale(nearness, nearness);
  const held = turn % 3;
  if (held === 0) card(context, 250, 360, 34, "#16181d", "#ffffff");
  if (held === 1) card(context, 290, 290, 8, "#fdfcf7", "#fdfcf7");
  context.drawImage(drawing, -105, -105, 210, 210);
  context.restore();
}

/** Draws a phone, or a sheet of paper. */
function card(context: CanvasRenderingContext2D, width: number, height: number, radius: number, frame: string, screen: string): void {
  context.shadowColor = "rgb(0 0 0 / 30%)";
  context.shadowBlur = 30;
  context.shadowOffsetY = 12;
  rounded(context, width, height, radius, frame);
  context.shadowColor = "transparent";
  rounded(context, width - 18, height - 18, radius * 0.75, screen);
}

function rounded(context: CanvasRenderingContext2D, width: number, height: number, radius: number, colour: string): void {
  context.fillStyle = colour;
  context.beginPath();
  context.roundRect(-width / 2, -height / 2, width, height, radius);
  context.fill();
}
