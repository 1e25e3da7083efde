// Why pages load anew: a model that is published with other inputs, outputs or labels than before.
import { join } from "node:path";
import type { Project, Said } from "./events.js";
import { changes, signatureOf, type Signature } from "./signature.js";

/** What was known of models, by their model.json. */
export type Signatures = Map<string, Signature>;

/** What to say before pages load anew because of what was said; undefined where they need not. */
export function changed(said: Said, project: Project, known: Signatures): string | undefined {
  if (said.event !== "written" && said.event !== "fresh") return undefined;
  const file = join(project.output, said.model, "model.json");
  const after = signatureOf(file);
  if (!after) return undefined;
  const before = known.get(file);
  known.set(file, after);
  const found = before ? changes(before, after) : [];
  return found.length ? `${said.model} has changed, and pages that use it load anew: ${found.join("; ")}` : undefined;
}
