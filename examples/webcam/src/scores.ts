// Makes one steady answer of those to many frames.

export interface Score {
  readonly label: string;
  readonly score: number;
}

export interface Scores {
  /** Takes the answer to a frame; returns what is likeliest by the last few, and what has only now been so for a while. */
  add(found: readonly Score[]): { readonly classes: readonly Score[]; readonly settled: Score | null };
}

/** After how many milliseconds a frame counts for a third of what it counted. */
const MEMORY = 250;
/** How many milliseconds an answer is to stand, and how sure it is to be, before it is told. */
const STEADY = 800;
const SURE = 0.6;

export function createScores(): Scores {
  const past = new Map<string, number>();
  let [label, last, since, told] = ["", 0, 0, ""];
  return {
    add(found) {
      const now = performance.now();
      const weight = 1 - Math.exp((last - now) / MEMORY);
      last = now;
      for (const each of found) {
        const before = past.get(each.label) ?? each.score;
        past.set(each.label, before + weight * (each.score - before));
      }
      const classes = [...past].map(([label, score]) => ({ label, score })).sort((a, b) => b.score - a.score);
      const best = classes[0]!;
      if (best.label !== label || best.score < SURE) since = now;
      label = best.label;
      const settled = now - since > STEADY && label !== told;
      if (settled) told = label;
      return { classes, settled: settled ? best : null };
    },
  };
}
