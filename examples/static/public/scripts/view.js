// What the page shows of an answer: the verdict and a bar for each species; and what went wrong.

const wholePercent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 0 });

/** Whole percents; what is less than certain is never said to be 100 %. */
export function percent(probability) {
  return probability >= 0.995 && probability < 1 ? ">99%" : wholePercent.format(probability);
}

/** Returns the element of the page that has this id. */
export function element(id) {
  return document.getElementById(id);
}

function create(tag, className, ...content) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...content);
  return made;
}

/** Puts a bar for each label into the list; `show` takes what `classify` gives, the best one first. */
export function createBars(list, labels) {
  const rows = labels.map((label) => {
    const bar = create("span", "bar");
    const figure = create("span", "figure");
    const row = create("li", label, create("b", "", label), create("span", "track", bar), figure);
    list.append(row);
    return { label, row, bar, figure };
  });
  return {
    show(classes) {
      for (const { label, row, bar, figure } of rows) {
        const { score } = classes.find((each) => each.label === label);
        bar.style.setProperty("--part", score);
        figure.textContent = percent(score);
        row.ariaCurrent = classes[0].label === label ? "true" : null;
      }
    },
  };
}

/** Says in large letters which species it is, and colours the flower like it. */
export function showVerdict({ label, score }) {
  const [name, certainty] = element("verdict").children;
  name.textContent = `Iris ${label}`;
  certainty.textContent = `${percent(score)} sure`;
  document.documentElement.dataset.species = label;
}

/** Says what went wrong and, in smaller letters, why. */
export function showError(what, why) {
  const box = element("error");
  box.replaceChildren(create("p", "", what), create("p", "why", why instanceof Error ? why.message : String(why)));
  box.hidden = false;
  element("answer").ariaBusy = "false";
  element("verdict").lastElementChild.textContent = "No network, no answer";
}
