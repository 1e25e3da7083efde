"""Dense layers, embeddings, and others that multiply by a matrix."""

from tests.oracle.keras_matrix.suite import THREE, TWO, layer
from tests.oracle.samples import normal, tokens

layer("dense_plain", (6,), lambda layers: layers.Dense(4))
layer("dense_without_bias", (6,), lambda layers: layers.Dense(4, use_bias=False, activation="relu"))
layer("dense_of_rank_4", (3, 2, 6), lambda layers: layers.Dense(4, activation="softmax"))
layer("dense_of_unknown_steps", (None, 6), lambda layers: layers.Dense(4), inputs=normal(sizes=(7, 6)))
layer("dense_low_rank", (6,), lambda layers: layers.Dense(5, lora_rank=2), generations=THREE)
layer("dense_low_rank_scaled", (6,), lambda layers: layers.Dense(5, lora_rank=2, lora_alpha=5), generations=THREE)

for _name, _shape, _equation, _output, _bias in (
    ("plain", (6,), "ab,bc->ac", 5, None),
    ("bias", (4, 6), "abc,cd->abd", (None, 5), "d"),
    ("two_axes", (4, 6), "abc,cde->abde", (None, 2, 3), "de"),
    ("heads", (4, 2, 3), "abcd,cde->abe", (None, 7), "e"),
    ("rearranged", (4, 6), "abc,bde->ade", (5, 2), None),
    ("ellipsis", (3, 4, 6), "...x,xy->...y", 5, "y"),
    ("bias_of_steps", (4, 6), "abc,cd->abd", (4, 5), "bd"),
):
    layer(
        f"einsum_dense_{_name}",
        _shape,
        lambda layers, equation=_equation, output=_output, bias=_bias: layers.EinsumDense(
            equation, output_shape=output, bias_axes=bias, activation="tanh"
        ),
    )
layer(
    "einsum_dense_of_unknown_steps",
    (None, 6),
    lambda layers: layers.EinsumDense("abc,cd->abd", output_shape=(None, 5), bias_axes="d"),
    inputs=normal(sizes=(7, 6)),
)

layer("embedding_plain", (5,), lambda layers: layers.Embedding(20, 4), inputs=tokens(20))
layer("embedding_of_integers", (5,), lambda layers: layers.Embedding(20, 4), inputs=tokens(20), dtype="int32")
layer("embedding_of_long_integers", (5,), lambda layers: layers.Embedding(20, 4), inputs=tokens(20), dtype="int64")
layer("embedding_of_rank_3", (3, 5), lambda layers: layers.Embedding(20, 4), inputs=tokens(20), dtype="int32")
layer("embedding_of_one", (), lambda layers: layers.Embedding(20, 4), inputs=tokens(20), dtype="int32")
layer(
    "embedding_low_rank",
    (5,),
    lambda layers: layers.Embedding(20, 4, lora_rank=2),
    inputs=tokens(20),
    generations=THREE,
)
layer(
    "reversible_embedding_plain",
    (5,),
    lambda layers: layers.ReversibleEmbedding(20, 4),
    inputs=tokens(20),
    dtype="int32",
    generations=THREE,
)
layer(
    "random_fourier_gaussian",
    (6,),
    lambda layers: layers.experimental.RandomFourierFeatures(8, "gaussian", scale=2.0),
    generations=TWO,
    writers=("k2-h5",),  # its own Keras cannot read it back from the other
)
layer(
    "random_fourier_laplacian",
    (6,),
    lambda layers: layers.experimental.RandomFourierFeatures(8, "laplacian"),
    generations=TWO,
    writers=("k2-h5",),
)
