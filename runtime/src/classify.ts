// From scores to labels.
import type { Classification, ClassifyOptions } from "./types.js";

/** What `run` gives, by name. */
type Results = { readonly [name: string]: ArrayLike<unknown> & { readonly shape: readonly number[] } };

/** Makes classes of what a model gives. */
export interface Classify {
  readonly output: string;
  readonly softmax: boolean;
  (model: string, labels: readonly string[], results: Results, options: ClassifyOptions): Classification<string>[];
}

/** By default, how many classes are given. */
const TOP = 5;

/** Classes by the scores of one output, which are logits if a `softmax` is to be taken of them. */
export function classifier(output: string, softmax: boolean): Classify {
  const classify = (model: string, labels: readonly string[], results: Results, options: ClassifyOptions) => {
    const { topK = TOP, threshold = -Infinity } = options;
    if (!(topK >= 1)) throw new RangeError(`\`topK\` is how many classes are given: 1 or more, not ${topK}`);
    if (Number.isNaN(Number(threshold))) throw new RangeError(`\`threshold\` is the least score: a number, not ${threshold}`);
    const { [output]: result } = results;
    const examples = result!.length / (result!.shape.at(-1) ?? 1);
    if (examples !== 1) {
      const found = Number.isNaN(examples) ? 0 : examples;
      throw new RangeError(`\`classify\` of model "${model}" takes one example, not ${found}: use \`run\` for several`);
    }
    const scores = probabilities(Array.from(result as ArrayLike<number>), labels.length, softmax);
    if (scores.some(Number.isNaN)) throw new RangeError(`Model "${model}" gives scores ("${output}") that are no numbers`);
    return labels
      .map((label, index) => ({ label, score: scores[index]!, index }))
      .filter(({ score }) => score >= threshold)
      .sort((one, other) => other.score - one.score)
      .slice(0, topK);
  };
  return Object.assign(classify, { output, softmax });
}

/** One score is that of the second of two classes. */
function probabilities(scores: number[], count: number, softmax: boolean): number[] {
  if (scores.length === 1 && count === 2) {
    const second = softmax ? 1 / (1 + Math.exp(-scores[0]!)) : scores[0]!;
    return [1 - second, second];
  }
  if (!softmax) return scores;
  const highest = scores.reduce((most, score) => Math.max(most, score), -Infinity);
  const powers = scores.map((score) => Math.exp(score - highest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
