"""Loops and branches as programs have them: captured variables, lists, early exits, calls within calls."""

import numpy as np

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import integers, literal, normal
from tests.oracle.graphs.models.suite import SUITE

model = Family(SUITE, __name__).model


def _values(seed, *shape):
    return (np.random.default_rng(seed).standard_normal(shape) * 0.5).astype("float32")


def _module(tf, **variables):
    module = tf.Module()
    for name, value in variables.items():
        setattr(module, name, tf.Variable(value, name=name))
    return module


@model("module", x=normal(2, 4), steps=literal(3, 6))
def loop_with_captured_variables(tf):
    module = _module(tf, w=_values(1, 4, 4), b=_values(2, 4))

    @tf.function(input_signature=[tf.TensorSpec([None, 4], name="x"), tf.TensorSpec([], "int32", "steps")])
    def serve(x, steps):
        for i in tf.range(steps):
            x = tf.tanh(x @ module.w + module.b * tf.cast(i, "float32"))
            if tf.reduce_sum(x) > 2.0:
                x = x - 0.5
        return x

    module.serve = serve
    return module, serve


@model("module", x=normal(2, 4), choice=literal(1, 2))
def experts(tf):
    module = _module(tf, a=_values(1, 4, 3), b=_values(2, 4, 3), c=_values(3, 4, 3))

    @tf.function(input_signature=[tf.TensorSpec([None, 4], name="x"), tf.TensorSpec([], "int32", "choice")])
    def serve(x, choice):
        if choice == 0:
            y = x @ module.a
        elif choice == 1:
            y = x @ module.b
        else:
            y = tf.nn.relu(x @ module.c) if tf.reduce_max(x) > 0.0 else x @ module.c
        return {"y": y, "used": choice}

    module.serve = serve
    return module, serve


@model("module", x=literal(7.0, 90.0))
def newton_with_break(tf):
    module = tf.Module()

    @tf.function(input_signature=[tf.TensorSpec([], name="x")])
    def serve(x):
        guess, count = x, 0
        for i in tf.range(30):
            better = 0.5 * (guess + x / guess)
            count = i
            if tf.abs(better - guess) < 1e-3:
                break
            guess = better
        return {"root": guess, "count": count}

    module.serve = serve
    return module, serve


@model("module", n=literal(9, 30))
def fibonacci_list(tf):
    module = tf.Module()

    @tf.function(input_signature=[tf.TensorSpec([], "int32", "n")])
    def serve(n):
        numbers = tf.TensorArray("int32", 0, dynamic_size=True)
        a, b, i = 0, 1, 0
        while a < n * 10:
            numbers = numbers.write(i, a)
            a, b, i = b, a + b, i + 1
        return numbers.stack()

    module.serve = serve
    return module, serve


@model("module", x=normal(6, 3), n=literal(3, 5))
def lists_not_written_in_full(tf):
    """What nothing has written is zero, and counts; a list that grows is as long as it has become."""
    module = tf.Module()

    def filled(x, n, size, grows):
        array = tf.TensorArray("float32", size, dynamic_size=grows, element_shape=[3])
        for i in tf.range(n):
            array = array.write(i, x[i] * 2.0)
        return array

    @tf.function(input_signature=[tf.TensorSpec([6, 3], name="x"), tf.TensorSpec([], "int32", "n")])
    def serve(x, n):
        holes = tf.TensorArray("float32", 5, element_shape=[3]).write(1, x[0]).write(3, x[1])
        tensor = tf.TensorArray("float32", 0, dynamic_size=True, clear_after_read=False).unstack(x)
        return {
            "short": filled(x, n, 6, False).stack(),
            "size": x * tf.cast(filled(x, n, 6, False).size(), "float32"),
            "grown": filled(x, n, 4, True).stack(),
            "holes": holes.stack(),
            "gathered": tensor.gather([0, 2, 2, 1, 3, 3, 4, 5]),
            "longer": tensor.write(6, x[0] * 3.0).stack(),
        }

    module.serve = serve
    return module, serve


@model("module", x=normal(6, 3), n=literal(3, 5), refused=("TensorListStack", "room for more than is written"))
def list_read_while_it_is_filled(tf):
    module = tf.Module()

    @tf.function(input_signature=[tf.TensorSpec([6, 3], name="x"), tf.TensorSpec([], "int32", "n")])
    def serve(x, n):
        array = tf.TensorArray("float32", 6, clear_after_read=False, element_shape=[3])
        total = tf.zeros([3])
        for i in tf.range(n):
            array = array.write(i, x[i])
            total = tf.maximum(total, tf.reduce_mean(array.stack(), 0))
        return total

    module.serve = serve
    return module, serve


@model("module", x=normal(3, 5, 4))
def map_and_scan(tf):
    module = _module(tf, w=_values(1, 4, 4))

    @tf.function(input_signature=[tf.TensorSpec([None, 5, 4], name="x")])
    def serve(x):
        mapped = tf.map_fn(lambda rows: tf.nn.softmax(rows @ module.w), x)
        scanned = tf.scan(lambda state, rows: tf.tanh(state @ module.w + rows), tf.transpose(x, [1, 0, 2]))
        two = tf.map_fn(lambda pair: pair[0] * pair[1], (x, mapped), fn_output_signature="float32")
        return {"mapped": mapped, "scanned": scanned, "two": two}

    module.serve = serve
    return module, serve


@model("module", x=normal(3, 4))
def vectorized_map(tf):
    module = _module(tf, w=_values(1, 4, 4))
    serve = tf.function(
        lambda x: tf.vectorized_map(lambda row: tf.linalg.matvec(module.w, row) * tf.reduce_sum(row), x),
        input_signature=[tf.TensorSpec([3, 4], name="x")],
    )
    module.serve = serve
    return module, serve


@model("module", x=normal(2, 4))
def calls_within_calls(tf):
    module = _module(tf, w=_values(1, 4, 4))

    @tf.function
    def inner(x, scale):
        return tf.nn.relu(x @ module.w) * scale

    @tf.function
    def middle(x):
        return inner(x, 2.0) + inner(x, tf.constant(3.0)) - inner(-x, x[:, :1])

    @tf.function(input_signature=[tf.TensorSpec([None, 4], name="x")])
    def serve(x):
        return middle(middle(x))

    module.serve = serve
    return module, serve


@model("module", x=normal(2, 4))
def custom_gradients(tf):
    module = _module(tf, w=_values(1, 4, 4))

    @tf.custom_gradient
    def swish(x):
        return x * tf.sigmoid(x), lambda upstream: upstream

    block = tf.recompute_grad(lambda x: swish(x @ module.w))

    @tf.function(input_signature=[tf.TensorSpec([None, 4], name="x")])
    def serve(x):
        return tf.stop_gradient(block(x)) + swish(x)

    module.serve = serve
    return module, serve


@model("module", x=normal(2, 4))
def gradients_in_the_graph(tf):
    module = _module(tf, w=_values(1, 4, 4))

    @tf.function(input_signature=[tf.TensorSpec([2, 4], name="x")])
    def serve(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(tf.tanh(x @ module.w) ** 2)
        return {"y": y, "gradient": tape.gradient(y, x)}

    module.serve = serve
    return module, serve


@model("module", board=integers(0, 2, 6, 6).fixed())
def game_of_life(tf):
    kernel = np.ones((3, 3, 1, 1), np.float32)

    @tf.function(input_signature=[tf.TensorSpec([6, 6], "int32", "board")])
    def serve(board):
        for _ in tf.range(3):
            alive = tf.cast(board > 0, "float32")[None, ..., None]
            near = tf.nn.conv2d(alive, kernel, 1, "SAME")[0, ..., 0] - alive[0, ..., 0]
            lives = tf.logical_or(tf.equal(near, 3.0), tf.logical_and(tf.equal(near, 2.0), board > 0))
            board = tf.cast(lives, "int32")
        return board

    module = tf.Module()
    module.serve = serve
    return module, serve


@model("tf1", x=normal(2, 4), flag=literal(True, False))
def branch_of_tensorflow_1_within_a_loop(tf, x, flag):
    v1 = tf.compat.v1
    w = v1.get_variable("w", initializer=_values(1, 4, 4), use_resource=True)

    def step(i, y):
        return i + 1, v1.cond(flag, lambda: tf.tanh(y @ w), lambda: v1.cond(i > 1, lambda: y * 0.5, lambda: y + 1.0))

    return {"y": v1.while_loop(lambda i, y: i < 4, step, (tf.constant(0), x))[1]}
