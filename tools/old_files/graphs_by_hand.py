"""Graphs that people wrote with TensorFlow 1's layers and cells, estimators, and TensorFlow 2's modules."""

import shutil

import tensorflow as tf

GRAPHS = {}
"""Functions that get TensorFlow 1's part of TensorFlow and return inputs and outputs by name."""


def _graph(build):
    GRAPHS[build.__name__] = build
    return build


@_graph
def layers_convolved(v1):
    x = v1.placeholder("float32", [None, 8, 8, 3], name="x")
    y = v1.layers.conv2d(x, 4, 3, padding="same", use_bias=False, name="conv")
    y = v1.nn.relu(v1.layers.batch_normalization(y, training=False))
    y = v1.layers.max_pooling2d(y, 2, 2)
    y = v1.layers.dropout(v1.layers.flatten(y), 0.4, training=False)
    logits = v1.layers.dense(y, 5, name="logits")
    return {"x": x}, {"logits": logits, "probabilities": v1.nn.softmax(logits, name="probabilities")}


@_graph
def variables_multiplied(v1):
    x = v1.placeholder("float32", [None, 6], name="x")
    with v1.variable_scope("hidden"):
        w, b = v1.get_variable("w", [6, 4]), v1.get_variable("b", [4])
    y = v1.nn.sigmoid(v1.matmul(x, w) + b)
    return {"x": x}, {"y": v1.nn.xw_plus_b(y, v1.Variable(v1.zeros([4, 2])), v1.Variable(v1.zeros([2])), name="y")}


@_graph
def rnn_dynamic(v1):
    x = v1.placeholder("float32", [None, 5, 3], name="x")
    cells = v1.nn.rnn_cell.MultiRNNCell([v1.nn.rnn_cell.LSTMCell(4), v1.nn.rnn_cell.GRUCell(3)])
    outputs, _ = v1.nn.dynamic_rnn(cells, x, dtype="float32")
    return {"x": x}, {"last": v1.identity(outputs[:, -1], name="last")}


@_graph
def rnn_both_ways(v1):
    x = v1.placeholder("float32", [None, 5, 3], name="x")
    forward, backward = v1.nn.rnn_cell.BasicLSTMCell(3), v1.nn.rnn_cell.BasicRNNCell(2)
    (a, b), _ = v1.nn.bidirectional_dynamic_rnn(forward, backward, x, dtype="float32")
    return {"x": x}, {"y": v1.concat([a, b], 2, name="y")}


@_graph
def rnn_static(v1):
    x = v1.placeholder("float32", [None, 4, 3], name="x")
    outputs, state = v1.nn.static_rnn(v1.nn.rnn_cell.LSTMCell(3), v1.unstack(x, axis=1), dtype="float32")
    return {"x": x}, {"y": v1.add(outputs[-1], state.c, name="y")}


@_graph
def embedded(v1):
    words = v1.placeholder("int32", [None, 6], name="words")
    with v1.variable_scope("words", partitioner=v1.fixed_size_partitioner(2)):
        table = v1.get_variable("table", [20, 4])
    y = v1.reduce_mean(v1.nn.embedding_lookup(table, words, "div"), 1)
    return {"words": words}, {"y": v1.layers.dense(y, 2, activation=v1.nn.tanh, name="out")}


@_graph
def separably_convolved(v1):
    x = v1.placeholder("float32", [None, 8, 8, 3], name="x")
    y = v1.layers.separable_conv2d(x, 4, 3, strides=2, padding="same", activation=v1.nn.relu6)
    y = v1.layers.conv2d_transpose(y, 2, 3, strides=2, padding="same")
    y = v1.space_to_batch_nd(y, [2, 2], [[1, 1], [1, 1]])
    y = v1.batch_to_space_nd(v1.layers.conv2d(y, 2, 2), [2, 2], [[0, 0], [0, 0]])
    return {"x": x}, {"y": v1.identity(y, name="y")}


@_graph
def loop_and_branch(v1):
    x = v1.placeholder("float32", [None, 3], name="x")
    w = v1.get_variable("w", [3, 3])
    _, y = v1.while_loop(lambda i, _: i < 4, lambda i, a: (i + 1, v1.tanh(v1.matmul(a, w))), [v1.constant(0), x])
    return {"x": x}, {"y": v1.cond(v1.reduce_sum(x) > 0.0, lambda: y * 2.0, lambda: y - 1.0, name="y") + 0.0}


@_graph
def detections(v1):
    boxes = v1.placeholder("float32", [None, 6, 4], name="x")
    scores = v1.nn.softmax(v1.layers.dense(boxes, 3))
    best = v1.reduce_max(scores, -1)
    values, places = v1.nn.top_k(best, 3)
    return {"x": boxes}, {
        "scores": v1.identity(values, name="scores"),
        "classes": v1.gather(v1.cast(v1.argmax(scores, -1), "float32"), [0, 2], axis=1, name="classes"),
        "places": v1.cast(places, "float32", name="places"),
    }


@_graph
def image_prepared(v1):
    x = v1.placeholder("uint8", [None, 6, 6, 3], name="x")
    y = v1.image.resize_bilinear(v1.cast(x, "float32"), [4, 4])
    y = v1.subtract(v1.divide(y, 127.5), 1.0)
    return {"x": x}, {"y": v1.layers.conv2d(y, 2, 3, name="c")}


def _estimator(make, path):
    columns = [tf.feature_column.numeric_column("a", (3,)), tf.feature_column.numeric_column("b")]
    estimator = make(columns)

    def train():
        features = {"a": [[0.1, 0.2, -0.3], [1.0, -0.5, 0.2]], "b": [[1.0], [2.0]]}
        return tf.data.Dataset.from_tensors((features, [[0], [1]])).repeat(3)

    estimator.train(train)
    v1 = tf.compat.v1
    with tf.Graph().as_default():
        features = {"a": v1.placeholder("float32", [None, 3], "a"), "b": v1.placeholder("float32", [None, 1], "b")}
        receiver = tf.estimator.export.build_raw_serving_input_receiver_fn(features)
    there = estimator.export_saved_model(path + "-stamped", receiver)
    shutil.move(there.decode(), path)
    shutil.rmtree(path + "-stamped")
    shutil.rmtree(estimator.model_dir, ignore_errors=True)


ESTIMATORS = {
    "estimator_classifier": lambda path: _estimator(lambda columns: tf.estimator.DNNClassifier([4], columns), path),
    "estimator_regressor": lambda path: _estimator(lambda columns: tf.estimator.LinearRegressor(columns), path),
}
"""Functions that write SavedModels, of TensorFlow 1."""


def _module(path):
    class Module(tf.Module):
        def __init__(self):
            super().__init__()
            self.w = tf.Variable([[0.5, -0.2], [0.1, 0.9], [-0.4, 0.3]])

        @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32, name="x")])
        def __call__(self, x):
            y = x @ self.w
            if tf.reduce_sum(y) > 0.0:
                y = tf.nn.relu(y)
            for _ in tf.range(3):
                y = tf.tanh(y) + 0.1
            return {"y": y, "norm": tf.norm(y, axis=1)}

    module = Module()
    tf.saved_model.save(module, path, signatures=module.__call__.get_concrete_function())


def _functions(path):
    class Module(tf.Module):
        def __init__(self):
            super().__init__()
            self.steps = [tf.Variable(tf.ones([3, 3]) * scale) for scale in (0.3, -0.2)]

        @tf.function
        def step(self, x, w):
            return tf.nn.softplus(x @ w)

        @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32, name="x")])
        def serve(self, x):
            for w in self.steps:
                x = self.step(x, w)
            return x

    module = Module()
    tf.saved_model.save(module, path, signatures={"serving_default": module.serve})


MODULES = {"module_branches": _module, "module_functions": _functions}
"""Functions that write SavedModels, of TensorFlow 2."""
