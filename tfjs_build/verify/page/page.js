// The device that is a page: runs the models, and shows what came of each.
import * as tf from "@tensorflow/tfjs";
import { stray, work } from "./device.mjs";
import { pack } from "./wire.mjs";

const base = new URL("..", import.meta.url);
const name = new URLSearchParams(location.search).get("device") ?? `page-${Math.random().toString(36).slice(2, 10)}`;
const state = document.querySelector("#state");
const MARKS = { right: "✓", wrong: "✗", untried: "–", running: "…" };

addEventListener("unhandledrejection", ({ reason }) => stray(reason));
addEventListener("error", ({ error, message }) => stray(error ?? new Error(message)));
addEventListener("pagehide", () => navigator.sendBeacon(new URL("next", base), pack({ device: name, gone: true })));

/** What this device is, in a few words. */
function called() {
  const { userAgent, userAgentData } = navigator;
  const browser = /(Firefox|FxiOS|EdgA?|SamsungBrowser|OPR|CriOS|Chrome)\/(\d+)/.exec(userAgent) ?? /Version\/(\d+)\S* .*(Safari)/.exec(userAgent);
  const names = { FxiOS: "Firefox", CriOS: "Chrome", Edg: "Edge", EdgA: "Edge", OPR: "Opera" };
  const [program, version] = browser?.[2] === "Safari" ? ["Safari", browser[1]] : [browser?.[1], browser?.[2]];
  const system = userAgentData?.platform || /(iPhone|iPad|Android|Mac OS X|Windows|Linux|CrOS)/.exec(userAgent)?.[1] || "";
  return `${names[program] ?? program ?? "a browser"} ${version ?? ""}${system ? `, ${system.replace(" OS X", "")}` : ""}`;
}

/** The row of a model on a backend, made where there is none yet. */
function row(model, backend) {
  const id = `${model} ${backend}`;
  const found = [...document.querySelectorAll("li")].find((each) => each.dataset.id === id);
  if (found) return found;
  const main = document.querySelector("#models");
  let section = [...main.children].find((each) => each.dataset.model === model);
  if (!section) {
    section = main.appendChild(document.createElement("section"));
    section.dataset.model = model;
    section.append(text("h2", model), document.createElement("ul"));
  }
  const item = section.lastElementChild.appendChild(document.createElement("li"));
  item.dataset.id = id;
  return item;
}

function text(tag, content, kind = "") {
  const element = document.createElement(tag);
  element.textContent = content;
  element.className = kind;
  return element;
}

function fill(item, kind, backend, verdict, details = []) {
  item.className = kind;
  item.replaceChildren(
    text("span", MARKS[kind], "mark"),
    text("span", backend),
    text("span", verdict, "verdict"),
    ...details.filter(Boolean).map((each) => text("span", each, "detail")),
  );
}

function show(job) {
  if (job.do === "run" && job.model) {
    state.textContent = `running ${job.model} on ${job.backend} …`;
    if (!job.quietly) fill(row(job.model, job.backend), "running", job.backend, "running …");
  }
  if (job.do === "show") fill(row(job.model, job.backend), job.kind, job.backend, job.verdict, job.details);
  if (job.do === "say") Object.assign(state, { textContent: job.text, className: job.kind });
}

document.querySelector("#device").textContent = called();

try {
  await work({
    name,
    next: new URL("next", base),
    tf,
    about: { kind: "page", called: called(), secure: isSecureContext },
    load: ({ stub }) => import(new URL(stub, base)),
    async addBackend(backend) {
      if (backend === "webgpu" && !navigator.gpu) {
        throw new Error(isSecureContext ? "this browser has no webgpu" : "browsers have webgpu only over https, or on localhost");
      }
      if (backend === "wasm") {
        const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
        setWasmPaths(new URL("wasm/dist/", base).href);
      }
      if (backend === "webgpu") await import("@tensorflow/tfjs-backend-webgpu");
    },
    picture: (data, width, height) => new ImageData(data, width, height),
    show,
  });
} catch (error) {
  Object.assign(state, { textContent: `stopped: ${error.message}`, className: "failed" });
}
