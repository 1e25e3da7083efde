// What the page shows beside the video: its state, the verdict, three bars, the things that are known, facts and errors.

import type { Score } from "./scores";
import { things } from "./things";

const wholePercent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 0 });

/** Whole percents; what is less than certain is never said to be 100 %. */
export function percent(probability: number): string {
  return probability >= 0.995 && probability < 1 ? ">99%" : wholePercent.format(probability);
}

/** Returns the element of the page that has this id. */
export function element<E extends HTMLElement>(id: string): E {
  return document.getElementById(id) as E;
}

function create(tag: string, className: string, ...content: (string | Node)[]): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...content);
  return made;
}

/** What the page is about: nothing, waiting for a camera, running, or what went wrong. */
export type State = "idle" | "waiting" | "running" | "trouble";

/** Shows the state of the scene, and says what there is to say: before the video, or below it where that runs. */
export function setScene(state: State, text: string): void {
  element("scene").dataset["state"] = state;
  const running = state === "running";
  element("message").textContent = running ? "" : text;
  element("message").role = state === "trouble" ? "alert" : null;
  element("source").textContent = running ? text : "";
  element("start").textContent = state === "trouble" ? "Try the camera again" : "Use the camera";
  element("stop").hidden = !running;
}

export interface Bars {
  /** Shows what is likeliest, the best first; nothing for no answer. */
  show(classes: readonly Score[]): void;
}

/** Puts three bars into the list. */
export function createBars(list: HTMLElement): Bars {
  const rows = [0, 1, 2].map(() => {
    const name = create("b", "");
    const bar = create("span", "bar");
    const figure = create("span", "figure");
    list.append(create("li", "", name, create("span", "track", bar), figure));
    return { name, bar, figure };
  });
  return {
    show(classes) {
      rows.forEach(({ name, bar, figure }, i) => {
        const found = classes[i];
        name.textContent = found?.label ?? "–";
        bar.style.setProperty("--part", String(found?.score ?? 0));
        figure.textContent = found ? percent(found.score) : "";
      });
    },
  };
}

/** Says in large letters what it is; null for no answer. */
export function showVerdict(verdict: Score | null): void {
  const [label, certainty] = element("verdict").children;
  element("verdict").dataset["label"] = verdict?.label ?? "";
  label!.textContent = verdict && (verdict.label === "nothing" ? "Nothing I know" : verdict.label);
  certainty!.textContent = verdict ? `${percent(verdict.score)} sure` : "Nothing to look at yet";
}

/** Lists the things that the network knows. */
export function showThings(): void {
  for (const [label, url] of things) {
    const picture = new Image(40, 40);
    picture.alt = "";
    picture.src = url;
    const item = create("li", "", picture, create("span", "", label));
    item.dataset["label"] = label;
    element("things").append(item);
  }
}

/** Marks the thing that is seen; null for none. */
export function showThing(seen: Score | null): void {
  for (const item of element("things").children) {
    (item as HTMLElement).classList.toggle("seen", (item as HTMLElement).dataset["label"] === seen?.label && seen!.score > 0.5);
  }
}

export interface Facts {
  /** How many frames of a second the network sees, and how long it takes for each. */
  readonly perSecond: number;
  readonly milliseconds: number;
  /** What its weights weigh. */
  readonly bytes: number;
  readonly version: string;
  /** What TensorFlow.js keeps in the worker: as many as ever, if nothing is left of a prediction. */
  readonly tensors: number;
}
const facts: Partial<Facts> = {};

/** Shows some facts beside those that are shown already. */
export function showFacts(news: Partial<Facts>): void {
  const { perSecond, milliseconds, bytes, version, tensors } = Object.assign(facts, news);
  const shown = {
    "Frames a second": perSecond?.toFixed(0),
    "Each prediction": milliseconds && `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`,
    "Size of the network": bytes && `${Math.round(bytes / 1000)} kB`,
    Version: version?.slice(0, 8),
    "Tensors in the worker": tensors?.toString(),
  };
  element("facts").replaceChildren(
    ...Object.entries(shown).map(([term, value]) => create("div", "", create("dt", "", term), create("dd", "", value || "–"))),
  );
}

/** Says what went wrong and, in smaller letters, why. */
export function showError(what: string, why: unknown): void {
  const box = element("error");
  box.replaceChildren(create("p", "", what), create("p", "why", why instanceof Error ? why.message : String(why)));
  box.hidden = false;
}
