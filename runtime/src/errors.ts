// What a loader is rejected with, and what it says of errors of others.

/** A model could not be loaded from `url` (of model.json, or of a file of weights), for `reason`. */
export class ModelLoadError extends Error {
  readonly model: string;
  readonly url: string;
  readonly reason: string;

  constructor(model: string, url: string | URL, reason: string, cause?: unknown) {
    super(`Model "${model}" cannot be loaded: ${url} ${reason}`);
    this.name = "ModelLoadError";
    this.model = model;
    this.url = String(url);
    this.reason = reason;
    if (cause !== undefined) Object.defineProperty(this, "cause", { value: cause, configurable: true, writable: true });
  }
}
