"""Ops of TensorFlow.js's lists, and ops that the converter rewrites, that no case can have; with the reason.

Every other op has a case, or the op matrix fails.
"""

_FORESTS = "it needs tensorflow_decision_forests, and a TensorFlow.js package of its own"

EXCLUDED = {
    "Conv1D": "TensorFlow has no such op: tf.nn.conv1d writes Conv2D",
    "DepthwiseConv2d": "TensorFlow has no such op: it writes DepthwiseConv2dNative",
    "Ones": "TensorFlow has no such op: tf.ones writes Fill or Const",
    "Zeros": "TensorFlow has no such op: tf.zeros writes Fill or Const",
    "Prelu": "TensorFlow has no such op: it comes from fusion in the stock converter",
    "LogicalXor": "TensorFlow has no such op: tf.math.logical_xor writes LogicalAnd, LogicalOr and LogicalNot",
    "TopK": "TensorFlow refuses to write it since GraphDef version 7",
    "BatchNormWithGlobalNormalization": "TensorFlow refuses to write it since GraphDef version 9",
    "_FusedBatchNormEx": "TensorFlow's optimizer writes it for GPUs only",
    "_FusedDepthwiseConv2dNative": "TensorFlow's optimizer writes it with oneDNN only",
    "SimpleMLCreateModelResource": _FORESTS,
    "SimpleMLLoadModelFromPathWithHandle": _FORESTS,
    "SimpleMLInferenceOpWithHandle": _FORESTS,
}
