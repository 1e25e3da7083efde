// What the page shows: the verdict, ten bars, the image that the network sees, the switch between the models, facts about
// the one in use, and errors.

import { SIDE } from "./preprocess";

const wholePercent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 0 });
const twoDigits = new Intl.NumberFormat("en", { maximumSignificantDigits: 2 });

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

export interface Bars {
  /** Shows how likely each class is, and marks the best one; null for no answer. */
  show(probabilities: ArrayLike<number> | null): void;
}

/** Puts a bar for each label into the list. */
export function createBars(list: HTMLElement, labels: readonly string[]): Bars {
  const rows = labels.map((label) => {
    const bar = create("span", "bar");
    const figure = create("span", "figure");
    const row = create("li", "", create("b", "", label), create("span", "track", bar), figure);
    list.append(row);
    return { row, bar, figure };
  });

  return {
    show(probabilities) {
      const best = probabilities && Math.max(...Array.from(probabilities));
      rows.forEach(({ row, bar, figure }, i) => {
        const probability = probabilities?.[i] ?? 0;
        bar.style.setProperty("--part", String(probability));
        figure.textContent = probabilities && percent(probability);
        row.ariaCurrent = probabilities && probability === best ? "true" : null;
      });
    },
  };
}

/** Says in large letters which class it is; null for no answer. */
export function showVerdict(verdict: { label: string; probability: number } | null): void {
  const [label, certainty] = element("verdict").children;
  label!.textContent = verdict && verdict.label;
  certainty!.textContent = verdict ? `${percent(verdict.probability)} sure` : "No drawing yet";
}

/** Shows the image, 8×8 numbers from 0 to 16, in the ink of the canvas. */
export function showImage(canvas: HTMLCanvasElement, image: ArrayLike<number> | null): void {
  canvas.width = canvas.height = SIDE;
  const context = canvas.getContext("2d")!;
  context.fillStyle = getComputedStyle(canvas).color;
  for (let i = 0; image !== null && i < image.length; i++) {
    context.globalAlpha = image[i]! / 16;
    context.fillRect(i % SIDE, Math.floor(i / SIDE), 1, 1);
  }
}

export interface Switch<T extends string> {
  /** What is chosen. Setting it tells nobody. */
  value: T;
}

/** Makes one switch of a group of radio buttons whose values are T's; `onChange` hears what a person chooses. */
export function createSwitch<T extends string>(group: HTMLElement, onChange: (value: T) => void): Switch<T> {
  const buttons = Array.from(group.querySelectorAll("input"));
  const made: Switch<T> = {
    get value() {
      return buttons.find((button) => button.checked)!.value as T;
    },
    set value(value) {
      for (const button of buttons) button.checked = button.value === value;
    },
  };
  group.addEventListener("change", () => onChange(made.value));
  return made;
}

export interface Facts {
  readonly name: string;
  readonly version: string;
  /** What its weights weigh. */
  readonly bytes: number;
  /** How long the last answer took. */
  readonly milliseconds: number | null;
}

export function showFacts({ name, version, bytes, milliseconds }: Facts): void {
  const facts = {
    Model: name,
    Version: version,
    Size: `${Math.round(bytes / 1000)} kB`,
    "Last answer": milliseconds === null ? "–" : `${twoDigits.format(milliseconds)} ms`,
  };
  element("facts").replaceChildren(
    ...Object.entries(facts).map(([term, value]) => create("div", "", create("dt", "", term), create("dd", "", value))),
  );
}

/** Says what went wrong and, in smaller letters, why. */
export function showError(what: string, why: unknown): void {
  const box = element("error");
  box.replaceChildren(create("p", "", what), create("p", "why", why instanceof Error ? why.message : String(why)));
  box.hidden = false;
}
