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
    "ops_image_elastic_transform": ("random",),
    **dict.fromkeys(
        [
            "ops_erfinv",
            "ops_i0",
            "ops_nextafter",
            "tf_math_erfinv",
        ],
        ("TensorFlow.js has no op for it",),
    ),
    "tf_einsum": ("its inputs are not in the file",),
    **dict.fromkeys(
        [
            "ops_bincount",
            "ops_nonzero",
            "ops_unique",
            "tf_math_bincount",
        ],
        ("the size of its result depends on the numbers it is given",),
    ),
    **dict.fromkeys(
        [
            "k3-h5-resizing_of_bytes",
            "k3-keras-resizing_of_bytes",
        ],
        ("it rounds to integers",),
    ),
    **dict.fromkeys(
        [
            "k2-h5-center_crop_of_unknown_size",
            "k2-keras-center_crop_of_unknown_size",
        ],
        ("the size of its images is not known",),
    ),
    "clahe_of_pixels": ("this version of tfjs-build has no ops for its histograms",),
    **dict.fromkeys(
        [
            "ops_fold",
            "ops_gcd",
            "ops_image_map_coordinates",
            "ops_image_map_coordinates_nearest",
            "ops_image_map_coordinates_reflect",
            "ops_image_perspective_transform",
            "ops_image_scale_and_translate",
            "ops_image_ssim",
            "ops_istft",
            "ops_lcm",
            "ops_nanmedian",
            "ops_nanpercentile",
            "ops_nanquantile",
        ],
        ("this version of tfjs-build has no ops for it",),
    ),
    "ops_image_extract_patches_3d": ("no patches of volumes",),
    "ops_view": ("it looks at numbers as another type",),
    **dict.fromkeys(
        [
            "ops_argpartition",
            "ops_top_k_unsorted",
        ],
        ("its order is one of TensorFlow's own",),
    ),
    **dict.fromkeys(
        [
            "hashing_of_integers_masked",
            "hashing_of_integers_one_hot",
            "hashing_of_integers_plain",
        ],
        ("TensorFlow.js cannot hash numbers, which Keras turns into strings before",),
    ),
    **dict.fromkeys(
        [
            "hashing_of_integers_salted",
            "hashing_salted",
        ],
        ("TensorFlow.js cannot hash with a salt",),
    ),
    **dict.fromkeys(
        [
            "hashed_crossing_of_integers",
            "hashed_crossing_one_hot",
            "hashed_crossing_plain",
        ],
        ("TensorFlow.js cannot hash several features together",),
    ),
    "dense_features": ("its feature columns are Python objects, which are not in the file",),
    "text_vectorization_characters": ("TensorFlow.js cannot split at `character`",),
}


def refusal_of(case: Case) -> tuple[str, ...]:
    """Return what the refusal of a case must say; nothing for one that must convert."""
    return REFUSALS.get(str(case), REFUSALS.get(case.network.name, ()))
