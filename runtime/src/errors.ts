// What a loader is rejected with.
import { messageOf } from "./words.js";

/** A model could not be loaded from `url` (of model.json, or of a file of weights), for `reason`. */
export class ModelLoadError extends Error {
  declare readonly model: string;
  declare readonly url: string;
  declare readonly reason: string;

  constructor(model: string, url: string | URL, problem: string, cause?: unknown) {
    const reason = cause ? `${problem}: ${messageOf(cause)}` : problem;
    super(`Model "${model}" cannot be loaded: ${url} ${reason}`, cause ? { cause } : undefined);
    Object.assign(this, { name: "ModelLoadError", model, url: String(url), reason });
  }
}

/** What is there is another version than the loader's. */
export class OtherVersion extends ModelLoadError {}
