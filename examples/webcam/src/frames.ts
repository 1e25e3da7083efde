// The frames of a video, one after the other, and how many there are in a second.

/**
 * Has `look` look at the frames, one at a time: it is called for the newest as soon as it is done with the last. Returns what
 * ends it; what `look` fails with goes to `failed`, and ends it, too.
 */
export function onFrames(video: HTMLVideoElement, look: () => Promise<void>, failed: (error: unknown) => void): () => void {
  let going = true;
  async function go(): Promise<void> {
    while (going) {
      await nextFrame(video);
      if (going) await look();
    }
  }
  go().catch((error: unknown) => going && failed(error));
  return () => {
    going = false;
  };
}

/** Waits until the video shows a new frame; where the browser does not tell, until the screen does. */
function nextFrame(video: HTMLVideoElement): Promise<unknown> {
  const told = "requestVideoFrameCallback" in video;
  return new Promise((resolve) => (told ? video.requestVideoFrameCallback(resolve) : requestAnimationFrame(resolve)));
}

/** Counts what happens, and how long it takes. */
export interface Pace {
  /** Something has happened that took so long; returns true twice a second, when the figures are worth showing. */
  count(milliseconds: number): boolean;
  /** How often it happened in each of the last seconds, and how long it took, on average. */
  readonly perSecond: number;
  readonly milliseconds: number;
}

export function createPace(every = 500): Pace {
  let [begun, times, sum] = [performance.now(), 0, 0];
  const pace = {
    perSecond: 0,
    milliseconds: 0,
    count(milliseconds: number) {
      times += 1;
      sum += milliseconds;
      const passed = performance.now() - begun;
      if (passed < every) return false;
      pace.perSecond = (times * 1000) / passed;
      pace.milliseconds = sum / times;
      [begun, times, sum] = [performance.now(), 0, 0];
      return true;
    },
  };
  return pace;
}
