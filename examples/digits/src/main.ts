// The page: strokes become an image, the network says how likely each digit is, and ten bars show it.

import { type Change, createDrawing } from "./drawing";
import { labels, loadNetwork, type Name, type Network } from "./networks";
import { drawWithKeys, drawWithPointer } from "./pens";
import { toImage } from "./preprocess";
import { createBars, createSwitch, element, percent, showError, showFacts, showImage, showVerdict } from "./view";

const canvas = element<HTMLCanvasElement>("pad");
const seen = element<HTMLCanvasElement>("seen");
const bars = createBars(element("bars"), labels);
const drawing = createDrawing(canvas, changed);
const choice = createSwitch<Name>(element("networks"), use);
let network: Network | null = null;
let loading: AbortController | null = null;

drawWithPointer(canvas, drawing);
drawWithKeys(canvas, drawing, element("cursor"), say);
element("clear").addEventListener("click", () => drawing.clear());
void use(choice.value);

/** Puts the network of this name in the place of the one in use, as soon as it is there. The last call counts. */
async function use(name: Name): Promise<void> {
  loading?.abort();
  loading = null;
  // The other one was not there yet, and is not wanted any more.
  if (name === network?.name) return changed("moved");

  const { signal } = (loading = new AbortController());
  element("answer").ariaBusy = "true";
  try {
    const next = await loadNetwork(name, signal);
    if (signal.aborted) return next.model.dispose();
    network?.model.dispose();
    network = next;
    // Under `npm run dev`, a newly trained model takes over in place.
    next.model.onReload((version) => {
      showFacts({ ...next, version, milliseconds: null });
      changed("lifted");
    });
    showFacts({ ...next, version: next.model.version, milliseconds: null });
    element("error").hidden = true;
  } catch (error) {
    if (signal.aborted) return;
    showError("The model could not be loaded. Build it with “npm run models”, then reload this page.", error);
    if (network) choice.value = network.name;
  }
  loading = null;
  // What has been drawn is judged anew.
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
  if (network && !loading) element("answer").ariaBusy = "false";
}

async function answer(change: Change): Promise<void> {
  const image = toImage(drawing.strokes);
  element("hint").hidden = drawing.strokes.length > 0;
  showImage(seen, image);
  if (image === null || network === null) {
    bars.show(null);
    showVerdict(null);
    if (change === "cleared") say("Cleared");
    return;
  }

  const begun = performance.now();
  const { name, model, bytes } = network;
  const classes = await model.classify(seen, { topK: labels.length });
  const milliseconds = performance.now() - begun;

  const best = classes[0]!;
  bars.show(classes);
  showVerdict(best);
  showFacts({ name, version: model.version, bytes, milliseconds });
  // Spoken when the pen is lifted only: a voice cannot keep up with the bars.
  if (change === "lifted") say(`Looks like ${best.label}, ${percent(best.score)} sure`);
}

function say(text: string): void {
  element("spoken").textContent = text;
}
