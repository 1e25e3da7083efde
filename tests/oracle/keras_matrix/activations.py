"""Every activation function, by name in a layer and as a layer of its own, with the parameters that layers have."""

import importlib

from tests.oracle.keras_matrix.suite import THREE, TWO, layer
from tests.oracle.samples import normal

OF_BOTH = (
    "elu",
    "exponential",
    "gelu",
    "hard_sigmoid",
    "linear",
    "mish",
    "relu",
    "selu",
    "sigmoid",
    "softmax",
    "softplus",
    "softsign",
    "swish",
    "tanh",
)
OF_KERAS_3 = (
    "celu",
    "hard_shrink",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "log_sigmoid",
    "log_softmax",
    "relu6",
    "silu",
    "soft_shrink",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "tanh_shrink",
    "threshold",
    "glu",
)
WITHOUT_DEFAULTS = ("threshold",)
"""Those that a layer can only have with arguments, which a name does not give."""

for _name in OF_BOTH + OF_KERAS_3:
    if _name in WITHOUT_DEFAULTS:
        continue
    _generations = {} if _name in OF_BOTH else {"generations": THREE}
    layer(f"activation_{_name}", (3, 8), lambda layers, name=_name: layers.Activation(name), **_generations)
    layer(f"dense_{_name}", (6,), lambda layers, name=_name: layers.Dense(8, activation=name), **_generations)
    layer(f"conv2d_{_name}", (6, 7, 3), lambda layers, name=_name: layers.Conv2D(4, 3, activation=name), **_generations)
for _name in ("relu6", "silu", "leaky_relu", "relu"):
    layer(
        f"lstm_{_name}",
        (5, 4),
        lambda layers, name=_name: layers.LSTM(3, activation="tanh", recurrent_activation=name),
        **({} if _name in OF_BOTH else {"generations": THREE}),
    )

for _name, _settings in {
    "plain": {},
    "max_value": {"max_value": 0.7},
    "negative_slope": {"negative_slope": 0.3},
    "threshold": {"threshold": 0.4},
    "all": {"max_value": 1.2, "negative_slope": 0.3, "threshold": 0.2},
    "threshold_and_slope": {"negative_slope": 0.3, "threshold": 0.4},
    "threshold_and_limit": {"max_value": 0.9, "threshold": 0.4},
}.items():
    layer(f"relu_{_name}", (3, 6), lambda layers, settings=_settings: layers.ReLU(**settings))
layer("leaky_relu_plain", (3, 6), lambda layers: layers.LeakyReLU())
layer("leaky_relu_slope_of_keras_3", (3, 6), lambda layers: layers.LeakyReLU(negative_slope=0.7), generations=THREE)
layer("leaky_relu_slope_of_keras_2", (3, 6), lambda layers: layers.LeakyReLU(alpha=0.7), generations=TWO)
layer("elu_plain", (3, 6), lambda layers: layers.ELU())
layer("elu_alpha", (3, 6), lambda layers: layers.ELU(alpha=0.4))
layer("prelu_plain", (3, 4, 5), lambda layers: layers.PReLU())
layer("prelu_shared", (3, 4, 5), lambda layers: layers.PReLU(shared_axes=[1, 2]))
layer("prelu_shared_one", (3, 4, 5), lambda layers: layers.PReLU(shared_axes=[2]))
layer(
    "prelu_of_unknown_size",
    (None, None, 5),
    lambda layers: layers.PReLU(shared_axes=[1, 2]),
    inputs=normal(sizes=(3, 4, 5)),
)
layer("softmax_plain", (3, 6), lambda layers: layers.Softmax())
layer("softmax_axis_1", (3, 6), lambda layers: layers.Softmax(axis=1))
layer("softmax_axes", (3, 4, 5), lambda layers: layers.Softmax(axis=[1, 2]))
layer("softmax_axes_apart", (3, 4, 5), lambda layers: layers.Softmax(axis=[1, 3]))
layer("thresholded_relu_layer", (3, 6), lambda layers: layers.ThresholdedReLU(0.6), generations=TWO)
layer("activation_of_a_layer", (6,), lambda layers: layers.Dense(5, activation=layers.ELU(alpha=0.3)))
layer("activation_of_prelu", (6,), lambda layers: layers.Dense(5, activation=layers.PReLU()))
layer("activation_of_relu_layer", (6, 6, 2), lambda layers: layers.Conv2D(3, 3, activation=layers.ReLU(max_value=0.5)))


def _of_tensorflow(layers, name):
    return layers.Dense(8, activation=getattr(importlib.import_module("tensorflow").nn, name))


for _name in ("relu", "tanh", "sigmoid", "softmax", "elu"):
    layer(f"dense_tf_nn_{_name}", (6,), lambda layers, name=_name: _of_tensorflow(layers, name), generations=TWO)
