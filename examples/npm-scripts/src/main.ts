// The page: a name is typed, the network says which colour it is, and the page turns into it.

import * as tf from "@tensorflow/tfjs";
import { codes, plain } from "./codes";
import { type Colour, toHex } from "./colours";
import { type Colour as Network, loadColour } from "./models/colour";
import { nearest } from "./names";
import { element, showColour, showError, showNear } from "./view";

const NEAR = 5;

const page = document.querySelector("main")!;
const field = element<HTMLInputElement>("name");
let network: Network | null = null;

field.addEventListener("input", changed);
// Enter, or leaving the field: a voice that followed each letter would say nothing else.
field.addEventListener("change", say);
document.querySelector("form")!.addEventListener("submit", (event) => {
  event.preventDefault();
  say();
});
for (const id of ["near", "ideas"]) element(id).addEventListener("click", suggested);
element("copy").addEventListener("click", copy);
void load();

async function load(): Promise<void> {
  try {
    await tf.setBackend("cpu");
    network = await loadColour();
    // Under `npm run dev`, a newly trained network takes over in place.
    network.onReload(changed);
    changed();
  } catch (error) {
    showError("The network could not be loaded. “npm run dev” builds it and serves this page.", error);
    page.ariaBusy = "false";
  }
}

// Whether there is news since the last answer. One answer is worked out at a time, in step with the screen.
let news = false;
let answering = false;

function changed(): void {
  news = true;
  page.ariaBusy = "true";
  if (network && !answering) void answerAll(network);
}

async function answerAll(network: Network): Promise<void> {
  answering = true;
  while (news) {
    await new Promise(requestAnimationFrame);
    news = false;
    try {
      const colour = await colourOf(network, field.value);
      showColour(colour);
      if (colour) showNear(await nearest(colour, NEAR));
    } catch (error) {
      showError("The network failed on this name.", error);
    }
  }
  answering = false;
  page.ariaBusy = "false";
}

async function colourOf(network: Network, name: string): Promise<Colour | null> {
  if (!plain(name)) return null;
  const { rgb } = await network.run(codes(name));
  return [rgb[0]!, rgb[1]!, rgb[2]!];
}

function suggested({ target }: Event): void {
  const button = (target as Element).closest("button");
  if (!button) return;
  field.value = button.textContent!;
  // The button may be gone with the next colour; whoever came by keyboard goes on from the field.
  field.focus();
  changed();
}

async function copy(): Promise<void> {
  const hex = element("hex").textContent!;
  try {
    await navigator.clipboard.writeText(hex);
    element("copy").textContent = "Copied";
    element("spoken").textContent = `${hex} copied`;
  } catch {
    // Not allowed, or a page that came over plain http: what is selected can be copied by hand.
    getSelection()?.selectAllChildren(element("hex"));
  }
}

async function say(): Promise<void> {
  const colour = network && (await colourOf(network, field.value));
  element("spoken").textContent = colour && `${field.value.trim()} is ${toHex(colour)}`;
}
