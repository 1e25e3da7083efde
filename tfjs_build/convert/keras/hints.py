"""What to do about a refusal, for the reasons that several rules have."""

from __future__ import annotations

from typing import Final

# Of whole layers

OTHERWISE: Final = (
    "Export the model as a SavedModel (model.export('folder')) and list that folder instead, or replace the layer."
)
"""The way out where Python code is missing: a SavedModel has what it computes."""

REPLACE: Final = (
    "Replace the layer, or leave it out of the model and compute this in the page. (An exported SavedModel is read op "
    "by op, and may convert where a layer with these options does not.)"
)
"""The way out where a layer is known, and an option or input of it is not supported."""

NOWHERE: Final = (
    "Replace the layer, or compute this in the page, outside the model: a SavedModel of it is refused as well."
)
"""The way out where TensorFlow.js itself lacks something."""

QUANTIZE_LATER: Final = "Save the model before it is quantized, and give it `quantize: uint8` in tfjs.yaml."
"""The way out where what Keras quantized cannot be read."""

SAY_WHOSE: Final = f"If it is keras.applications' own, save the model as .keras, which says so. {OTHERWISE}"
"""Where a file does not tell whose layer it is."""

# Of options and inputs

AS_FLOATS: Final = "Give it floats (keras.ops.cast(x, 'float32')), and save the model again."
"""Where integers would be rounded or cut off otherwise than by Keras."""

BATCH_OF_IMAGES: Final = (
    "Give it a batch of images (keras.ops.expand_dims(x, 0) makes a batch of one), and save the model again."
)
"""Where Keras takes a single image, too."""

NOT_TRAINING: Final = "Call it without `training`, or with training=False, and save the model again."
"""Where a call says that the model is being trained."""

RAGGED: Final = (
    "Use `output_sequence_length` in its place, or export the model as a SavedModel (model.export('folder')), which "
    "may have ragged tensors inside, but not as outputs."
)
"""Where rows differ in length."""

SAVE_AGAIN: Final = "The file's configuration and weights are not those of one model. Save the model again."
"""Where a weight does not have the size that the configuration says."""

TOKENS: Final = "Give the layer its vocabulary as a list, or call adapt(), and save the model as .keras."
"""Where a vocabulary is not in the file."""

ROUNDED: Final = "Keras rounds the results, and TensorFlow.js may round halves the other way"
"""Why integers are refused where results are rounded to them."""
