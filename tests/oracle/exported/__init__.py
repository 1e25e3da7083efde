"""Networks of the Keras suites that are refused as Keras files, exported as SavedModels: what hints say of these."""

from __future__ import annotations

import importlib
import shutil
from pathlib import Path
from typing import Any, Final

from tests.oracle import keras_layers, keras_matrix
from tests.oracle.registry import KERAS_3, Network

OF_SUITES: Final = ("keras_layers", "keras_matrix")
"""The suites whose scripts build the networks."""

_NAMES: Final = (
    *("awq_dense", "awq_projections", "clahe_of_bytes", "dense_features", "gptq_dense", "gptq_in_order_dense"),
    *("gptq_of_2_bits_dense", "gptq_of_8_bits_projections", "hashed_crossing_of_integers", "hashed_crossing_one_hot"),
    *("hashed_crossing_plain", "hashing_of_integers_masked", "hashing_of_integers_one_hot"),
    *("hashing_of_integers_plain", "hashing_of_integers_salted", "hashing_salted", "int8_at_every_step"),
    *("int8_attention", "ops_argpartition", "ops_bincount", "ops_cholesky", "ops_cholesky_inverse", "ops_ctc_decode"),
    *("ops_ctc_loss", "ops_det", "ops_eigh", "ops_image_elastic_transform", "ops_image_resize_bicubic_integers"),
    *("ops_inv", "ops_linalg_cholesky", "ops_linalg_inv", "ops_linalg_qr", "ops_logdet", "ops_matrix_rank"),
    *("ops_nextafter", "ops_nonzero", "ops_pinv", "ops_qr", "ops_slogdet", "ops_solve", "ops_solve_triangular"),
    *("ops_svd", "ops_svd_values", "ops_top_k_unsorted", "ops_unique", "ops_view", "python_code"),
    *("text_vectorization_characters", "tf_einsum", "tf_math_bincount"),
)

UNEXPORTED: Final = {
    "ops_lstsq": "Keras asks for the rank of a batch of unknown size",
    "ops_lu_factor": "Keras asks for square matrices where the size of the batch is unknown",
}
"""Networks that Keras itself cannot export, with its reason."""

SUITE: Final[dict[str, Network]] = {
    name: network for name, network in (keras_layers.SUITE | keras_matrix.SUITE).items() if name in _NAMES
}


def write(network: Network, folder: Path) -> list[dict[str, Any]]:
    """Export a network from each Keras that builds it; the entries have no tensors, nothing is run."""
    import tensorflow as tf

    from tests.oracle.cases import _built

    entries = []
    for generation in network.generations:
        model = _built(importlib.import_module(generation.replace(KERAS_3, "keras")), network)
        if network.finish is not None:
            network.finish(model)
        source = folder / "sources" / f"{generation}-{network.name}"
        shutil.rmtree(source, ignore_errors=True)
        if generation == KERAS_3:
            model.export(str(source), verbose=False)
        else:
            tf.saved_model.save(model, str(source))
        path = source.relative_to(folder).as_posix()
        entries.append({"case": source.name, "source": path, "inputs": path, "outputs": path})
    return entries
