// Models that are watched where the bundler has no overlay for what is wrong with them: pages hear of it by a channel.
import { join } from "node:path";
import { Channel } from "./channel.js";
import { textOf, type Failure } from "./failure.js";
import { Models, type Options, type Told } from "./models.js";
import { stateFolder, write } from "./place.js";
import { signed, telling, TERMINAL } from "./words.js";

export interface Live {
  readonly models: Models;
  /** The module that pages are given to show what is wrong. */
  readonly page: string;
  /** A file that changes with what is wrong: for bundlers that build when a file changes, and only then. */
  readonly trigger: string;
  close(): void;
}

/** Begins to watch; `told` is told what is wrong, which is not printed here, and what is said, which is. */
export async function live(root: string, options: Options, told: Told = {}): Promise<Live> {
  const channel = await Channel.open(root);
  const trigger = join(stateFolder(root), "failures.txt");
  const note = (failures: readonly Failure[]) =>
    write(trigger, failures.map((failure) => `${textOf(failure, root)}\n`).join("\n"));
  const tell = telling(TERMINAL, (why) => channel.warn(signed(why)));
  const models = await Models.watch(root, options, {
    onFailures(failures) {
      channel.tell(failures);
      note(failures);
      told.onFailures?.(failures);
    },
    onSaid(said, project) {
      tell(said, project);
      told.onSaid?.(said, project);
    },
  });
  note(models.failures);
  return {
    models,
    page: channel.page(),
    trigger,
    close() {
      models.close();
      channel.close();
    },
  };
}
