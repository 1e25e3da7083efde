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
}


def refusal_of(case: Case) -> tuple[str, ...]:
    """Return what the refusal of a case must say; nothing for one that must convert."""
    return REFUSALS.get(str(case), REFUSALS.get(case.network.name, ()))
