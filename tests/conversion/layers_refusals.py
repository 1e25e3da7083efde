"""Networks of the suite `keras_layers` of which TensorFlow.js lacks a layer, and what the refusal as layers must say of
each. What becomes of them as graphs is no concern of this list: there they match.

Networks that were written to be refused say so themselves (`refused`).
"""

from __future__ import annotations

from tests.conversion.oracle import Case

_GRAPH = "Use `format: graph`"
_NOT_SUPPORTED = "is not supported by TensorFlow.js's layers"


def _option(layer: str, option: str) -> tuple[str, ...]:
    return f"{layer}: {option}", _NOT_SUPPORTED, _GRAPH


def _layer(layer: str) -> tuple[str, ...]:
    return f"{layer}: TensorFlow.js has no layer of the same meaning", _GRAPH


def _operation(layer: str) -> tuple[str, ...]:
    return f"{layer}: TensorFlow.js's layers have no operations on tensors", _GRAPH


def _rank(layer: str) -> tuple[str, ...]:
    return f"{layer}: TensorFlow.js's layer expects an input of rank 2, 3 or 4, got rank 5", _GRAPH


REFUSALS: dict[str, tuple[str, ...]] = {
    "activations_of_keras_3": _option("layer `out_hard_sigmoid` (Activation)", "activation='hard_sigmoid'"),
    "arithmetic_of_keras_3": _operation("operation `add` (Add)"),
    "arithmetic_of_tensorflow": _operation("layer `tf.math.add` (TFOpLambda)"),
    "batch_norm_axis": _option("layer `batch_normalization` (BatchNormalization)", "axis="),
    "batch_norm_of_first_axis_of_volumes": _rank("layer `batch_normalization` (BatchNormalization)"),
    "batch_norm_of_volumes": _rank("layer `batch_normalization` (BatchNormalization)"),
    "block_of_convnext": _layer("layer `tiny_stage_0_block_0_layer_scale` (LayerScale)"),
    "block_of_inception_resnet": _layer("layer `custom_scale_layer` (CustomScaleLayer)"),
    "block_of_older_inception_resnet": _layer("layer `block8_1` (CustomScaleLayer)"),
    "causal_convolution": _option("layer `conv1d` (Conv1D)", "padding='causal'"),
    "depthwise_conv1d": _layer("layer `depthwise_conv1d` (DepthwiseConv1D)"),
    "elu_with_alpha": _option("layer `elu` (ELU)", "alpha=0.5"),
    "functions_of_keras_3": _operation("operation `relu` (Relu)"),
    "functions_of_tensorflow": _operation("layer `tf.nn.relu` (TFOpLambda)"),
    "global_pooling_3d": _layer("layer `average` (GlobalAveragePooling3D)"),
    "hard_activations_of_conv": _option("layer `conv2d` (Conv2D)", "activation='hard_silu'"),
    "layer_norm_of_volumes": _rank("layer `layer_normalization` (LayerNormalization)"),
    "mobilenet_v3_of_tensorflow": _operation("layer `tf.__operators__.add` (TFOpLambda)"),
    "normalization_adapted": _layer("layer `adapted` (Normalization)"),
    "normalization_by_numbers": _layer("layer `normalization` (Normalization)"),
    "normalization_inverted": _layer("layer `normalization` (Normalization)"),
    "normalization_of_every_element": _layer("layer `normalization` (Normalization)"),
    "k3-h5-operators": _operation("operation `add` (Add)"),
    "k3-keras-operators": _operation("operation `add` (Add)"),
    "operators": _operation("layer `tf.__operators__.add` (TFOpLambda)"),
    "k3-h5-operators_on_images": _operation("operation `true_divide` (TrueDivide)"),
    "k3-keras-operators_on_images": _operation("operation `true_divide` (TrueDivide)"),
    "operators_on_images": _operation("layer `tf.math.truediv` (TFOpLambda)"),
    "products_of_keras_3": _operation("operation `matmul` (Matmul)"),
    "products_of_tensorflow": _operation("layer `tf.linalg.matmul` (TFOpLambda)"),
    "reductions_of_keras_3": _operation("operation `mean` (Mean)"),
    "reductions_of_tensorflow": _operation("layer `tf.math.reduce_mean` (TFOpLambda)"),
    "relu_with_slope_and_limit": _option("layer `re_lu` (ReLU)", "max_value=0.5, negative_slope=0.2 at once"),
    "resized_sequences": _layer("layer `zero_padding1d` (ZeroPadding1D)"),
    "resized_volumes": _layer("layer `zero_padding3d` (ZeroPadding3D)"),
    "separable_conv1d": _layer("layer `separable_conv1d` (SeparableConv1D)"),
    "shapes_of_keras_3": _operation("operation `reshape` (Reshape)"),
    "shapes_of_tensorflow": _operation("layer `tf.reshape` (TFOpLambda)"),
    "softmax_of_first_axis": _option("layer `softmax` (Softmax)", "axis=1"),
    "subtraction": _layer("layer `difference` (Subtract)"),
    "transposed_conv1d": _layer("layer `conv1d_transpose` (Conv1DTranspose)"),
}


def refusal_of(case: Case) -> tuple[str, ...]:
    """Return what the refusal of a case as layers must say; nothing for one that must convert."""
    return REFUSALS.get(str(case), REFUSALS.get(case.network.name, case.network.refused))
