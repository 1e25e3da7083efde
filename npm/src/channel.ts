// How pages hear what is wrong where the bundler has no overlay for it: events from a server on this machine.
import { randomBytes } from "node:crypto";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { shorten, textOf, type Failure } from "./failure.js";
import { OVERLAY } from "./overlay.js";
import { stateFolder, write } from "./place.js";

/** What is sent to pages. */
interface Shown {
  /** What is wrong; null where nothing is. */
  readonly failure: { readonly text: string; readonly place: string; readonly excerpt: string } | null;
  /** A warning for the console. */
  readonly warning?: string;
}

export class Channel {
  readonly #root: string;
  readonly #server: Server;
  readonly #token = randomBytes(12).toString("base64url");
  readonly #pages = new Set<ServerResponse>();
  #now: Shown = { failure: null };

  private constructor(root: string) {
    this.#root = root;
    this.#server = createServer((request, response) => {
      // Only pages that were given the address know the token.
      if (request.url !== `/${this.#token}`) return void response.writeHead(404).end();
      response.writeHead(200, {
        "Content-Type": "text/event-stream",
        "Cache-Control": "no-store",
        "Access-Control-Allow-Origin": "*",
      });
      this.#pages.add(response);
      response.on("close", () => this.#pages.delete(response));
      send(response, this.#now);
    });
    this.#server.unref(); // it keeps no process from ending
  }

  /** Begins to listen. */
  static async open(root: string): Promise<Channel> {
    const channel = new Channel(root);
    await new Promise<void>((resolve, reject) => {
      channel.#server.once("error", reject).listen(0, "127.0.0.1", resolve);
    });
    return channel;
  }

  /** Writes the module that pages are given, and returns its file. */
  page(): string {
    const { port } = this.#server.address() as AddressInfo;
    const file = join(stateFolder(this.#root), "page.js");
    write(file, OVERLAY.replace("ADDRESS", JSON.stringify(`http://127.0.0.1:${port}/${this.#token}`)));
    return file;
  }

  /** Tells what is wrong now, the last thing first, or that nothing is. */
  tell(failures: readonly Failure[]): void {
    const last = failures.at(-1);
    const root = this.#root;
    const { file, line, column, excerpt = "" } = last ?? {};
    const place = file === undefined ? "" : [shorten(file, root), line, column].filter(Boolean).join(":");
    const failure = last ? { text: textOf({ ...last, file: undefined, excerpt: "" }, root), place, excerpt } : null;
    this.#now = { failure };
    this.#send(this.#now);
  }

  /** Has something said in the consoles of pages. */
  warn(warning: string): void {
    this.#send({ ...this.#now, warning });
  }

  close(): void {
    this.#server.close();
    for (const page of this.#pages) page.end();
  }

  #send(shown: Shown): void {
    for (const page of this.#pages) send(page, shown);
  }
}

function send(response: ServerResponse, shown: Shown): void {
  response.write(`data: ${JSON.stringify(shown)}\n\n`);
}
