// The page: strokes become an image, the image ten probabilities, and those ten bars.

import * as tf from "@tensorflow/tfjs";
import { type Change, createDrawing } from "./drawing";
import { type Digits, digitsLabels, loadDigits } from "./models/digits";
import { drawWithKeys, drawWithPointer } from "./pens";
import { toImage } from "./preprocess";
import { createBars, element, percent, showError, showFacts, showImage, showVerdict } from "./view";

const canvas = element<HTMLCanvasElement>("pad");
const bars = createBars(element("bars"), digitsLabels);
const drawing = createDrawing(canvas, changed);
let digits: Digits | null = null;
let bytes = 0;

drawWithPointer(canvas, drawing);
drawWithKeys(canvas, drawing, element("cursor"), say);
element("clear").addEventListener("click", () => drawing.clear());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => changed("moved"));
void start();

/** Loads the model; what has been drawn meanwhile is answered then. */
async function start(): Promise<void> {
  try {
    // Plain JavaScript answers in a few milliseconds; a graphics card would have to compile its programs first.
    await tf.setBackend("cpu");
    digits = await loadDigits({ onProgress: ({ total }) => (bytes = total), warmUp: true });
  } catch (error) {
    showError("The model could not be loaded. Build it with “npm run models”, then reload this page.", error);
    return;
  }
  showFacts({ name: "digits", version: digits.version, bytes, milliseconds: null });
  // Under `npm run dev`, a newly trained model takes over in place.
  digits.onReload(() => changed("lifted"));
  changed("lifted");
}

// What has changed since the last answer. One answer is worked out at a time, in step with the screen; a drawing that
// changes meanwhile is answered next, as it is then.
let news: Change | null = null;
let answering = false;

function changed(change: Change): void {
  news = change;
  element("answer").ariaBusy = "true";
  if (!answering) void answerAll();
}

async function answerAll(): Promise<void> {
  answering = true;
  while (news !== null) {
    await new Promise(requestAnimationFrame);
    const change: Change = news;
    news = null;
    try {
      await answer(change);
    } catch (error) {
      showError("The network failed on this drawing.", error);
    }
  }
  answering = false;
  if (digits) element("answer").ariaBusy = "false";
}

async function answer(change: Change): Promise<void> {
  const image = toImage(drawing.strokes);
  element("hint").hidden = drawing.strokes.length > 0;
  showImage(element("seen"), image);
  if (image === null || digits === null) {
    bars.show(null);
    showVerdict(null);
    if (change === "cleared") say("Cleared");
    return;
  }

  const begun = performance.now();
  const { probs } = digits.predict({ image });
  const probabilities = await probs.data();
  probs.dispose();
  const milliseconds = performance.now() - begun;

  const best = probabilities.indexOf(Math.max(...probabilities));
  const verdict = { label: digitsLabels[best]!, probability: probabilities[best]! };
  bars.show(probabilities);
  showVerdict(verdict);
  showFacts({ name: "digits", version: digits.version, bytes, milliseconds });
  // Spoken when the pen is lifted only: a voice cannot keep up with the bars.
  if (change === "lifted") say(`Looks like ${verdict.label}, ${percent(verdict.probability)} sure`);
}

function say(text: string): void {
  element("spoken").textContent = text;
}
