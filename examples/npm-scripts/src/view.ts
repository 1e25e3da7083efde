// What the page shows: the colour, which is the page itself, its code, names near by, and errors.

import { type Colour, inkOn, toHex } from "./colours";
import type { Named } from "./names";

/** Returns the element of the page that has this id. */
export function element<E extends HTMLElement>(id: string): E {
  return document.getElementById(id) as E;
}

/** Turns the page into the colour, with ink that can be read on it; null for a page without one. */
export function showColour(colour: Colour | null): void {
  const { style, dataset } = document.documentElement;
  if (colour) {
    style.setProperty("--colour", toHex(colour));
    dataset["ink"] = inkOn(colour);
  } else {
    style.removeProperty("--colour");
    delete dataset["ink"];
    element("near").hidden = true;
  }
  element("hex").textContent = colour && toHex(colour);
  element("copy").hidden = colour === null;
  element("copy").textContent = "Copy";
  element("hint").hidden = colour !== null;
  element("hint").textContent = "Type, and the page turns into it.";
}

/** Lists names as buttons in their colours. */
export function showNear(names: readonly Named[]): void {
  element("near")
    .querySelector("ul")!
    .replaceChildren(
      ...names.map(({ name, hex }) => {
        const item = document.createElement("li");
        const button = item.appendChild(document.createElement("button"));
        button.type = "button";
        const swatch = button.appendChild(document.createElement("span"));
        swatch.style.background = hex;
        swatch.ariaHidden = "true";
        button.append(name);
        return item;
      }),
    );
  element("near").hidden = false;
}

/** Says what went wrong and, in smaller letters, why. */
export function showError(what: string, why: unknown): void {
  const small = document.createElement("small");
  small.textContent = why instanceof Error ? why.message : String(why);
  element("error").replaceChildren(what, small);
  element("error").hidden = false;
  element("hint").textContent = "No network, no colours.";
}
