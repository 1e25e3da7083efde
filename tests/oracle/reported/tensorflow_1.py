"""TensorFlow 1's graphs and SavedModels, as estimators, DeepLab and the tutorials of those years wrote them."""

import tempfile
from pathlib import Path

from tests.oracle.graphs.given import held, literal, normal, uniform, weight
from tests.oracle.reported.edits import frozen, saved_model
from tests.oracle.reported.suite import Theme

case = Theme(__name__).case

_POSITIVE = held(uniform(0.5, 2, 4))
_DILATED = {
    "depthwise": weight(3, 3, 4, 1),
    "scale": _POSITIVE,
    "offset": weight(4),
    "mean": weight(4),
    "variance": _POSITIVE,
    "first": weight(3, 3, 4, 3),
    "second": weight(3, 3, 3, 2),
    "bias": weight(2),
}


def _dilated(tf, image, depthwise, scale, offset, mean, variance, first, second, bias):
    nn = tf.compat.v1.nn
    x = nn.depthwise_conv2d(image, depthwise, [1, 1, 1, 1], "SAME", rate=[4, 4])
    x = tf.nn.relu6(nn.fused_batch_norm(x, scale, offset, mean, variance, is_training=False)[0])
    x = tf.nn.atrous_conv2d(x, first, 2, "SAME")
    x = tf.nn.bias_add(tf.nn.conv2d(x, second, 1, "VALID", dilations=[1, 2, 2, 1]), bias)
    return tf.identity(x, "logits")


@case("frozen-tf1", image=normal(1, 13, 11, 4).fixed(), **_DILATED)
def atrous_batch_norm(tf, **given):
    """DeepLab: dilated depthwise convolution (space to batch and back) followed by batch normalization, at a size that
    the dilation does not divide; dilated plain convolution."""
    return _dilated(tf, **given)


@case("frozen-tf1", image=normal(1, 13, 11, 4).free(0).then(2, 9, 16, 4), **_DILATED)
def atrous_batch_norm_of_free_size(tf, **given):
    """The same, the size of the image not being known."""
    return _dilated(tf, **given)


@case(
    "frozen-tf1",
    options={"outputs": ["labels_softmax"]},
    refused=("AudioSpectrogram", "DecodeWav", "Mfcc", "Compute the spectrogram in the page"),
    wav_data=literal("x", "y", "string"),
)
def speech_commands(tf, wav_data):
    """The simple audio recognition tutorial's frozen graph decodes a WAV file: each op that is lacking is named."""
    audio = tf.audio.decode_wav(wav_data, 1, 1600)
    spectrogram = tf.raw_ops.AudioSpectrogram(input=audio.audio, window_size=480, stride=160, magnitude_squared=True)
    mfcc = tf.raw_ops.Mfcc(spectrogram=spectrogram, sample_rate=audio.sample_rate, dct_coefficient_count=10)
    return tf.nn.softmax(tf.reshape(mfcc, [1, -1]), name="labels_softmax")


@case(
    "frozen-tf1",
    options={"outputs": ["final_result"]},
    refused=("TensorFlow.js has no DecodeJpeg", "Decode images in the page"),
    given={"DecodeJpeg/contents": literal("x", "y", "string")},
    w=weight(192, 3),
)
def retrained_from_jpeg(tf, w, **contents):
    """A retrained Inception: the graph starts with the bytes of a JPEG."""
    image = tf.io.decode_jpeg(contents["DecodeJpeg/contents"], 3)
    image = tf.image.resize(tf.cast(image, tf.float32)[None], (8, 8))
    return tf.nn.softmax(tf.reshape(image, [1, 192]) @ w, name="final_result")


def _as_predict(message):
    (meta_graph,) = message.meta_graphs
    meta_graph.signature_def["predict"].CopyFrom(meta_graph.signature_def["serving_default"])
    del meta_graph.signature_def["serving_default"]


_WORDS = literal(
    [["good", "bad", "good"], ["ugly", "new", "?"]], [["bad", "ugly", "ugly"], ["good", "old", "good"]], "string"
)
_ESTIMATOR = {
    "options": {"signature": "predict"},
    "edit": saved_model(_as_predict),
    "same": ("class_ids",),
    "words": _WORDS.free(0),
    "embedding": weight(5, 4),
    "w": weight(12, 2),
}


def _classified(tf, words, embedding, w, dropped):
    v1 = tf.compat.v1
    path = Path(tempfile.mkdtemp()) / "vocabulary.txt"
    path.write_text("good\nbad\nugly\n", encoding="utf-8")
    index = tf.lookup.TextFileIndex
    lines = tf.lookup.TextFileInitializer(
        str(path), tf.string, index.WHOLE_LINE, tf.int64, index.LINE_NUMBER, vocab_size=3
    )
    ids = tf.lookup.StaticVocabularyTable(lines, 2).lookup(words)
    unique, places = tf.unique(tf.reshape(ids, [-1]))
    x = tf.reshape(tf.gather(v1.nn.embedding_lookup(embedding, unique), places), [-1, 12])
    logits = dropped(x) @ w
    return {"probabilities": tf.nn.softmax(logits), "class_ids": tf.argmax(logits, 1), "logits": logits}


@case("tf1", **_ESTIMATOR)
def estimator_of_words(tf, words, embedding, w):
    """An estimator's SavedModel: reference variables (VariableV2, Assign, Unique), a vocabulary file as asset, and a
    signature named predict."""
    return _classified(tf, words, embedding, w, lambda x: x)


@case("tf1", **_ESTIMATOR)
def estimator_with_dropout(tf, words, embedding, w):
    """The same with dropout, which a placeholder's default turns off: keep all."""
    v1 = tf.compat.v1
    keep = v1.placeholder_with_default(1.0, [], "keep_prob")
    return _classified(tf, words, embedding, w, lambda x: v1.nn.dropout(x, keep_prob=keep))


@case("frozen-tf1", p=normal(4, 3).fixed())
def dynamic_tensor_array(tf, p):
    """A TensorArray of size 0 that grows as it is written; its stack has as many rows as were written."""
    rows = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
    for index in range(4):
        rows = rows.write(index, p[index] * 2.0)
    return tf.identity(rows.stack(), "y")


def _with_a_default(graph):
    (x,) = [node for node in graph.node if node.name == "x"]
    default = graph.node.add(name="x/input", op="Const")
    default.attr["dtype"].CopyFrom(x.attr["dtype"])
    default.attr["value"].tensor.dtype = x.attr["dtype"].type
    default.attr["value"].tensor.tensor_shape.dim.add(size=1)
    default.attr["value"].tensor.tensor_shape.dim.add(size=3)
    default.attr["value"].tensor.float_val.append(0.0)
    x.op = "PlaceholderWithDefault"
    x.input.append("x/input")


@case("frozen-tf1", edit=frozen(_with_a_default), x=normal(2, 3))
def frozen_default_placeholder(tf, x):
    """A frozen graph whose input is a placeholder with a default: TensorFlow feeds it, it is no constant."""
    return tf.identity(x * 2.0 + 1.0, "y")


def _without_shapes(message):
    for tensor in message.meta_graphs[0].signature_def["serving_default"].inputs.values():
        tensor.ClearField("tensor_shape")


@case("tf1", edit=saved_model(_without_shapes), x=normal(2, 1))
def signature_without_shape(tf, x):
    """A signature of TensorFlow 1.0 that gives its input no tensor_shape: the node's own counts, not a scalar's."""
    return {"y": x * 0.5 + 3.0}
