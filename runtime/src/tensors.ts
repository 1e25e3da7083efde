// Types of tensors that models take and give.
import type * as tf from "@tensorflow/tfjs";

/** The rank that a tuple of sizes has; any rank for `number[]`. */
type RankOf<S extends number[]> = `R${S["length"]}` extends infer R extends keyof typeof tf.Rank
  ? (typeof tf.Rank)[R]
  : tf.Rank;

/** What holds the values of a tensor of each dtype; complex ones have no such thing. */
interface Values {
  float32: Float32Array;
  int32: Int32Array;
  bool: Uint8Array;
  string: readonly string[];
  complex64: never;
}

/** Marks a tensor whose dtype its type tells. It exists in types only. */
declare const dtypeOf: unique symbol;

/** A tensor that a model takes: of the rank of `S`, and of dtype `D` as far as its type tells. */
export type TensorInput<D extends tf.DataType, S extends number[]> = tf.Tensor<RankOf<S>> & {
  readonly [dtypeOf]?: D;
};

/** A tensor whose type does not tell its rank, as many of TensorFlow.js's functions give: `R` is every rank then. */
type Unranked<D, R extends tf.Rank> = tf.Tensor<R> & { readonly [dtypeOf]?: D } & (tf.Rank extends R ? unknown : never);

/**
 * What may be given for `I`, an input or an object of them: tensors of unknown rank as well, whose rank is looked at when
 * the model runs. Beside such a tensor, so are the ranks of an object's other ones.
 */
export type Given<I, R extends tf.Rank> = I extends tf.Tensor & { readonly [dtypeOf]?: infer D }
  ? I | Unranked<D, R>
  : I extends ArrayLike<unknown>
    ? I
    : I extends { readonly [name: string]: unknown }
      ? { [K in keyof I]: Given<I[K], R> }
      : I;

/** A `TensorInput`, or its values: as many as fill the sizes of `S`, of which one at most is free. */
export type Input<D extends tf.DataType, S extends number[]> = TensorInput<D, S> | Values[D];

/** The values of a tensor that a model gives; complex numbers are pairs. */
export type OutputValues<D extends tf.DataType, S extends number[]> = tf.DataTypeMap[D] & { readonly shape: S };

/** A tensor that a model gives; free sizes are `number`. */
export type Output<D extends tf.DataType, S extends number[]> = {
  readonly dtype: D;
  readonly shape: S;
  readonly [dtypeOf]?: D;
  data(): Promise<tf.DataTypeMap[D]>;
  dataSync(): tf.DataTypeMap[D];
} & tf.Tensor<RankOf<S>>;
