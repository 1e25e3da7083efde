// The drawings that the page shows: one for each thing that the network knows, of a style that it has never seen.

const files = import.meta.glob<string>("./things/*.svg", { eager: true, query: "?url", import: "default" });

/** Addresses of the drawings, by label. */
export const things: ReadonlyMap<string, string> = new Map(
  Object.entries(files).map(([path, url]) => [path.slice("./things/".length, -".svg".length), url]),
);
