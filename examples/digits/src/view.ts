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

/** How sure the network is of a class. */
export interface Score {
  readonly label: string;
  readonly score: number;
}

export interface Bars {
  /** Shows how likely each class is, and marks the best one, which comes first; null for no answer. */
  show(classes: readonly Score[] | null): void;
}

/** Puts a bar for each label into the list. */
export function createBars(list: HTMLElement, labels: readonly string[]): Bars {
  const rows = labels.map((label) => {
    const bar = create("span", "bar");
    const figure = create("span", "figure");
    const row = create("li", "", create("b", "", label), create("span", "track", bar), figure);
    list.append(row);
    return { label, row, bar, figure };
  });

  return {
    show(classes) {
      for (const { label, row, bar, figure } of rows) {
        const score = classes?.find((each) => each.label === label)?.score ?? 0;
        bar.style.setProperty("--part", String(score));
        figure.textContent = classes && percent(score);
        row.ariaCurrent = classes?.[0]?.label === label ? "true" : null;
      }
    },
  };
}

/** Says in large letters which class it is; null for no answer. */
export function showVerdict(verdict: Score | null): void {
  const [label, certainty] = element("verdict").children;
  label!.textContent = verdict && verdict.label;
  certainty!.textContent = verdict ? `${percent(verdict.score)} sure` : "No drawing yet";
}

/** Shows the image, 8×8 numbers from 0 to 16, as the network sees it: white on black. */
export function showImage(canvas: HTMLCanvasElement, image: ArrayLike<number> | null): void {
  const pixels = new ImageData(SIDE, SIDE);
  for (let i = 0; i < SIDE * SIDE; i++) {
    const gray = ((image?.[i] ?? 0) * 255) / 16;
    pixels.data.set([gray, gray, gray, 255], 4 * i);
  }
  canvas.width = canvas.height = SIDE;
  canvas.getContext("2d")!.putImageData(pixels, 0, 0);
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
