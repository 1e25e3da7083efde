"""Networks of the Keras suites that cannot be graphs of TensorFlow.js, and what the refusal must say of each.

Keys are a network's name, or a case's (its writer and the network) where one file lacks what another has.
"""

from __future__ import annotations

from tests.conversion.oracle import Case

_NO_OP = ("TensorFlow.js",)

REFUSALS: dict[str, tuple[str, ...]] = {
    "python_code": ("`culprit` (Lambda)",),
    **dict.fromkeys(
        [
            "ops_cholesky",
            "ops_cholesky_inverse",
            "ops_det",
            "ops_eigh",
            "ops_inv",
            "ops_linalg_cholesky",
            "ops_linalg_inv",
            "ops_linalg_qr",
            "ops_logdet",
            "ops_lstsq",
            "ops_lu_factor",
            "ops_matrix_rank",
            "ops_pinv",
            "ops_qr",
            "ops_slogdet",
            "ops_solve",
            "ops_solve_triangular",
            "ops_svd",
            "ops_svd_values",
        ],
        _NO_OP,
    ),
    "ops_ctc_decode": _NO_OP,
    "ops_ctc_loss": _NO_OP,
    "ops_image_elastic_transform": ("it draws random numbers at prediction",),
    "ops_nextafter": ("TensorFlow.js has no op for it",),
    "tf_einsum": ("expects 2 inputs for equation='bij,bjk->bik', the file has 0",),
    **dict.fromkeys(
        [
            "ops_bincount",
            "ops_nonzero",
            "ops_unique",
            "tf_math_bincount",
        ],
        ("the size of its result depends on the numbers that it is given",),
    ),
    "clahe_of_bytes": ("expects float32, got int32: of integers Keras cuts off the results' fractions",),
    "ops_image_resize_bicubic_integers": (
        "expects float32, got int32: Keras rounds the results, and TensorFlow.js may round halves the other way",
    ),
    "ops_view": ("TensorFlow.js has no op that reads the bits of numbers as another dtype",),
    "ops_argpartition": ("the order of its result is not defined",),
    "ops_top_k_unsorted": ("sorted=False is not supported: the order is not defined then",),
    **dict.fromkeys(
        [
            "hashing_of_integers_masked",
            "hashing_of_integers_one_hot",
            "hashing_of_integers_plain",
        ],
        ("expects string, got int32: Keras hashes numbers as texts, and TensorFlow.js has no op that writes them",),
    ),
    **dict.fromkeys(
        [
            "hashing_of_integers_salted",
            "hashing_salted",
        ],
        ("salt=[133, ", "is not supported, only None is"),
    ),
    **dict.fromkeys(
        [
            "hashed_crossing_of_integers",
            "hashed_crossing_one_hot",
            "hashed_crossing_plain",
        ],
        ("TensorFlow.js has no op that crosses several features",),
    ),
    "int8_at_every_step": ("Keras multiplies there by the stored integers, unscaled",),
    "int8_attention": ("the layers inside it are quantized, and nothing in the file says how",),
    **dict.fromkeys(
        [
            "k3-keras-awq_dense",
            "k3-keras-awq_projections",
            "k3-keras-gptq_dense",
            "k3-keras-gptq_in_order_dense",
            "k3-keras-gptq_of_2_bits_dense",
            "k3-keras-gptq_of_8_bits_projections",
        ],
        ("weights are not in the file; Keras 3.14 and 3.15 leave them out of .keras files", "Save the model as .h5"),
    ),
    "dense_features": ("its feature columns are Python objects, which are not in the file",),
    "text_vectorization_characters": ("split='character' is not supported, only None and 'whitespace' are",),
}


def refusal_of(case: Case) -> tuple[str, ...]:
    """Return what the refusal of a case must say; nothing for one that must convert."""
    return REFUSALS.get(str(case), REFUSALS.get(case.network.name, ()))
