// The page: sliders give the measurements, the flower is drawn from them, and the network says which species it is.
import { drawFlower } from "./flower.js";
import { createBars, element, percent, showError, showVerdict } from "./view.js";

const form = element("measures");
const sliders = [...form.querySelectorAll("input")];
let iris = null;
let bars = null;
/** The species that was last said aloud. */
let said = "";

form.addEventListener("input", changed);
// A slider that is let go of, or moved by a key.
form.addEventListener("change", () => changed({ settled: true }));
form.addEventListener("click", ({ target }) => {
  if (target.type !== "button") return;
  const values = target.value.split(" ");
  sliders.forEach((slider, i) => (slider.value = values[i]));
  changed({ settled: true });
});

async function load() {
  try {
    // Not before the flower is there: TensorFlow.js, which the loader imports, takes a while to come.
    const [tf, { irisLabels, loadIris }] = await Promise.all([import("@tensorflow/tfjs"), import("./models/iris.js")]);
    await tf.setBackend("cpu"); // a network of this size is done before a GPU has begun
    iris = await loadIris();
    bars = createBars(element("bars"), irisLabels);
    changed();
  } catch (error) {
    showError("The network could not be loaded. “npm start” builds it and serves this page.", error);
  }
}

// What has changed since the last answer. One answer is worked out at a time, in step with the screen.
let news = null;
let answering;

function changed({ settled = false } = {}) {
  news = { settled: settled || (news?.settled ?? false) };
  element("answer").ariaBusy = "true";
  answering ??= answerAll();
}

async function answerAll() {
  while (news) {
    await new Promise(requestAnimationFrame);
    const { settled } = news;
    news = null;
    await answer(settled);
  }
  answering = undefined;
  if (iris) element("answer").ariaBusy = "false";
}

async function answer(settled) {
  const centimetres = sliders.map((slider) => Number(slider.value));
  sliders.forEach((slider, i) => {
    slider.nextElementSibling.textContent = `${centimetres[i].toFixed(1)} cm`;
    slider.ariaValueText = `${centimetres[i].toFixed(1)} centimetres`;
    slider.style.setProperty("--part", (centimetres[i] - slider.min) / (slider.max - slider.min));
  });
  drawFlower(element("flower"), centimetres);
  if (!iris) return;

  const classes = await iris.classify(Float32Array.from(centimetres));
  const [best] = classes;
  bars.show(classes);
  showVerdict(best);
  // Said when a slider rests, and only if it is news: a voice cannot keep up with the bars.
  if (settled && best.label !== said) {
    said = best.label;
    element("spoken").textContent = `Looks like Iris ${best.label}, ${percent(best.score)} sure`;
  }
}

changed();
await load();
