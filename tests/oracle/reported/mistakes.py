"""Mistakes of people, not of models: each is refused with what happened."""

import shutil

from tests.oracle.graphs.given import normal, weight
from tests.oracle.reported.suite import Theme

case = Theme(__name__).case


@case(
    "function",
    refused=("lacks the folder `variables`", "Copy all that the export wrote"),
    unsaid=("neither the checkpoint nor an initializer",),
    edit=lambda path: shutil.rmtree(path / "variables"),
    x=normal(2, 3),
    w=weight(3, 2),
)
def missing_variables(tf, x, w):
    """Only saved_model.pb was copied, without the folder of variables beside it."""
    return {"y": x @ w}


@case(
    "keras3-file",
    options={"labels": ["cat", "dog"]},
    refused=("there are 2 labels (cat, dog), but the output `probs` has 3 classes",),
    features=normal(2, 4),
)
def more_classes_than_labels(keras):
    """Two labels for an output of three classes, which a page would show as an undefined label."""
    layers = keras.layers
    return keras.Sequential([keras.Input((4,), name="features"), layers.Dense(3, activation="softmax", name="probs")])


@case("keras3-file", options={"labels": ["cat", "dog"]}, features=normal(2, 4))
def two_labels_for_one_sigmoid(keras):
    """A classifier of two classes with one output between 0 and 1: both of its labels are meant."""
    layers = keras.layers
    return keras.Sequential([keras.Input((4,), name="features"), layers.Dense(1, activation="sigmoid", name="probs")])
