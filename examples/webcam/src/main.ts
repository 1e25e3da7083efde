// The page: the frames of a camera, or of a film, go to the network in its worker, and what it makes of them to the bars.

import { type DrawingsInWorker, drawingsLabels, loadDrawingsInWorker } from "tfjs:drawings/in-worker";
import { canAsk, close, hasSeveral, INSECURE, openCamera, reasonOf } from "./camera";
import { openFilm } from "./film";
import { createPace, onFrames } from "./frames";
import { createScores } from "./scores";
import { createBars, element, percent, setScene, showError, showFacts, showThing, showThings, showVerdict } from "./view";

const video = element<HTMLVideoElement>("video");
const bars = createBars(element("bars"));

/** What the page shows now: where its frames come from, and how that ends. */
interface Show {
  readonly what: "camera" | "film";
  readonly back: boolean;
  end(): void;
}
let show: Show | null = null;
/** Whoever opens something counts on: what was asked for before is not wanted any more, even if it comes. */
let asked = 0;

let network = load();
showThings();
bars.show([]);
showVerdict(null);
setScene("idle", "The camera is off.");
element("start").addEventListener("click", () => void open("camera", mayLookAway()));
element("film").addEventListener("click", () => void open("film", false));
element("turn").addEventListener("click", () => void open("camera", !show?.back));
element("stop").addEventListener("click", () => {
  stop();
  setScene("idle", "The camera is off.");
  element("start").focus();
});

// A page that nobody sees has no business with the camera.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden || !(show || element("scene").dataset["state"] === "waiting")) return;
  stop();
  setScene("idle", "The camera was switched off while this page was out of sight.");
});
addEventListener("pagehide", () => {
  stop();
  void network.then((loaded) => loaded?.dispose());
});
addEventListener("pageshow", ({ persisted }) => {
  // It comes back as it was left, but without its network.
  if (!persisted) return;
  setScene("idle", "The camera is off.");
  network = load();
});

/** Loads the network, and shows how far it is; null if that fails. */
async function load(): Promise<DrawingsInWorker | null> {
  try {
    let bytes = 0;
    const loaded = await loadDrawingsInWorker({ warmUp: true, onProgress: ({ total }) => (bytes = total) });
    const { total } = await loaded.memory();
    showFacts({ bytes, version: loaded.version, tensors: total.numTensors });
    // Under `npm start`, a newly trained network takes over in place.
    loaded.onReload((version) => showFacts({ version }));
    return loaded;
  } catch (error) {
    showError("The network could not be loaded.", error);
    return null;
  }
}

/** On a phone, what is held up is before its back. */
function mayLookAway(): boolean {
  return matchMedia("(pointer: coarse)").matches;
}

/** Puts the camera, or the film, in the place of what is shown. */
async function open(what: Show["what"], back: boolean): Promise<void> {
  stop();
  const mine = asked;
  if (what === "camera" && !canAsk()) return setScene("trouble", INSECURE);
  setScene("waiting", what === "camera" ? "Waiting for the camera: the browser may ask you to allow it." : "A moment …");
  try {
    const camera = what === "camera" ? await openCamera(back) : { stream: await openFilm(), mirrored: false, back, name: "" };
    if (mine !== asked) return close(camera.stream);
    // An unplugged camera ends its track; a stopped one does not tell.
    camera.stream.getVideoTracks()[0]!.addEventListener("ended", () => {
      if (mine !== asked) return;
      stop();
      setScene("trouble", "The camera is gone.");
    });
    show = { what, back: camera.back, end: () => close(camera.stream) };
    video.srcObject = camera.stream;
    video.classList.toggle("mirrored", camera.mirrored);
    await video.play();
    const several = what === "camera" && (await hasSeveral());
    const loaded = await network;
    if (mine !== asked) return;
    if (!loaded) {
      stop();
      return setScene("trouble", "Without the network there is nothing to see.");
    }
    setScene("running", what === "film" ? "A film, in a style of drawing that the network has never seen" : camera.name);
    element("turn").hidden = !several;
    if (document.activeElement === document.body) element("stop").focus();
    const end = lookOn(loaded);
    show = { ...show, end: () => (end(), close(camera.stream)) };
  } catch (error) {
    if (mine !== asked) return;
    stop();
    setScene("trouble", reasonOf(error));
  }
}

/** Ends what is shown, if anything is. */
function stop(): void {
  asked += 1;
  show?.end();
  show = null;
  video.srcObject = null;
  element("turn").hidden = true;
  bars.show([]);
  showVerdict(null);
  showThing(null);
}

/** Has the network look at the frames of the video until the function that this returns is called. */
function lookOn(loaded: DrawingsInWorker): () => void {
  const scores = createScores();
  const pace = createPace();
  const end = onFrames(
    video,
    async () => {
      const begun = performance.now();
      const found = await loaded.classify(video, { topK: drawingsLabels.length });
      const milliseconds = performance.now() - begun;
      if (ended) return;

      const { classes, settled } = scores.add(found);
      bars.show(classes.slice(0, 3));
      showVerdict(classes[0]!);
      showThing(classes[0]!);
      // Spoken when it has been the same for a while only: a voice cannot keep up with the frames.
      if (settled) element("spoken").textContent = `${settled.label}, ${percent(settled.score)} sure`;
      if (!pace.count(milliseconds)) return;
      const { total } = await loaded.memory();
      showFacts({ perSecond: pace.perSecond, milliseconds: pace.milliseconds, tensors: total.numTensors });
    },
    (error) => {
      if (ended) return;
      stop();
      setScene("trouble", "The network failed on a frame.");
      showError("The network failed on a frame.", error);
    },
  );
  let ended = false;
  return () => {
    ended = true;
    end();
  };
}
