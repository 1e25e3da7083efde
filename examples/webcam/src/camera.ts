// The camera: asking for it, what to say when there is none, and turning to the other one.

export interface Camera {
  readonly stream: MediaStream;
  /** Whether people see themselves in it, and expect a mirror. */
  readonly mirrored: boolean;
  /** Whether it looks away from the person: the back of a phone. */
  readonly back: boolean;
  /** What the browser calls it. */
  readonly name: string;
}

export const INSECURE =
  "Browsers give cameras to secure pages alone: open this one by https, or on the machine itself, as localhost.";

/** Asks for a camera: on a phone preferably the one at the back, or at the front. */
export async function openCamera(back: boolean): Promise<Camera> {
  if (!canAsk()) throw new Error(INSECURE);
  const video = { facingMode: back ? "environment" : "user", width: { ideal: 640 }, height: { ideal: 480 } };
  const stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
  const track = stream.getVideoTracks()[0]!;
  const facing = track.getSettings().facingMode;
  // A camera that does not say where it looks is a computer's, and looks at the person.
  return { stream, mirrored: facing !== "environment", back: facing === "environment", name: track.label };
}

/** Whether there is another camera to turn to. Browsers tell once one was allowed. */
export async function hasSeveral(): Promise<boolean> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter(({ kind }) => kind === "videoinput").length > 1;
}

/** Whether the page may ask for a camera at all. */
export function canAsk(): boolean {
  // Where the page is not secure, browsers have no `mediaDevices`, whatever the types say.
  return isSecureContext && (navigator.mediaDevices as MediaDevices | undefined) !== undefined;
}

/** Says in words for people why there is no picture of a camera. */
export function reasonOf(error: unknown): string {
  switch (error instanceof DOMException ? error.name : "") {
    case "NotAllowedError":
      return "The camera was not allowed. Allow it beside the page’s address, and try again.";
    case "NotFoundError":
    case "OverconstrainedError":
      return "There is no camera here.";
    case "NotReadableError":
    case "AbortError":
      return "The camera does not answer: another program may be using it.";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

/** Switches off what gives a stream. */
export function close(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
