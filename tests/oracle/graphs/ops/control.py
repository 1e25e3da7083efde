"""Branches, loops, and lists of tensors: functions of TensorFlow 2, and the dead and alive tensors of TensorFlow 1."""

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import literal, normal, weight
from tests.oracle.graphs.ops.suite import SUITE

family = Family(SUITE, __name__)
op, raw = family.op, family.raw

_x = normal(2, 3)
_flag = literal(True, False)
_count = literal(3, 5)

# --- TensorFlow 2 --------------------------------------------------------------------------------------------------
op("StatelessIf", lambda tf, x, flag: tf.cond(flag, lambda: x * 2.0, lambda: x - 1.0), x=_x, flag=_flag)
op("StatelessIf", lambda tf, x, n: tf.cond(n > 3, lambda: x * 2.0, lambda: x - 1.0), "of-a-comparison", x=_x, n=_count)
op(
    "StatelessIf",
    lambda tf, x, flag: tf.cond(flag, lambda: [x * 2.0, tf.shape(x)], lambda: [x - 1.0, tf.shape(x) + 1]),
    "two-results",
    x=_x,
    flag=_flag,
)
op(
    "StatelessIf",
    lambda tf, x, flag, other: tf.cond(flag, lambda: tf.cond(other, lambda: x * 2.0, lambda: x * 3.0), lambda: x - 1.0),
    "nested",
    x=_x,
    flag=_flag,
    other=literal(False, True),
)
op("StatelessIf", lambda tf, x, flag: tf.cond(flag, lambda: x, lambda: -x), "handed-through", x=_x, flag=_flag)
op(
    "StatelessIf",
    lambda tf, x, flag: tf.cond(flag, lambda: tf.constant([1.0, 2.0]), lambda: tf.constant([4.0, 3.0])) * x,
    "constants",
    x=normal(3, 2),
    flag=_flag,
)
op(
    "If",
    lambda tf, x, flag, w: tf.cond(flag, lambda: x @ w, lambda: x - w[0]),
    "captures-a-variable",
    x=normal(2, 3),
    flag=_flag,
    w=weight(3, 3),
)


def _raw_if(name):
    def build(tf, x, flag):
        then_branch, else_branch = _branch(tf, 2.0), _branch(tf, -3.0)
        make = getattr(tf.raw_ops, name)
        return make(cond=flag, input=[x], Tout=["float32"], then_branch=then_branch, else_branch=else_branch)

    return build


op("StatelessIf", _raw_if("StatelessIf"), "raw", x=_x.fixed(), flag=_flag)
op("If", _raw_if("If"), "raw", x=_x.fixed(), flag=_flag)
op("If", _raw_if("If"), "of-a-number", x=_x.fixed(), flag=literal(0, 4))
op(
    "Case",
    lambda tf, x, n, w: tf.switch_case(n, [lambda: x @ w, lambda: x * 3.0, lambda: -x]),
    x=normal(2, 3),
    n=literal(0, 2),
    w=weight(3, 3),
)
op(
    "StatelessCase",
    lambda tf, x, n: tf.switch_case(n, [lambda: x * 2.0, lambda: x * 3.0, lambda: -x]),
    x=_x,
    n=literal(1, 7),
)


def _branch(tf, factor):
    return tf.function(lambda x: x * factor).get_concrete_function(tf.TensorSpec([2, 3]))


def _while(tf, x, n, step):
    return tf.while_loop(lambda i, y: i < n, lambda i, y: (i + 1, step(y)), (0, x))[1]


op("StatelessWhile", lambda tf, x, n: _while(tf, x, n, lambda y: y * 0.5 + 1.0), x=_x, n=_count)
op(
    "While",
    lambda tf, x, n, w: _while(tf, x, n, lambda y: tf.tanh(y @ w)),
    "captures-a-variable",
    x=normal(2, 3),
    n=_count,
    w=weight(3, 3),
)
op("StatelessWhile", lambda tf, x, n: _while(tf, x, n, lambda y: y + x), "captures-a-tensor", x=_x, n=_count)
op("StatelessWhile", lambda tf, x: _while(tf, x, 4, lambda y: y * 0.5 + 1.0), "turns-known", x=_x)
op(
    "StatelessWhile",
    lambda tf, x: tf.while_loop(lambda y: tf.reduce_sum(tf.abs(y)) > 0.1, lambda y: y * 0.5, [x])[0],
    "until-small",
    x=_x.ordinary(),  # infinity halved is never small
)
op(
    "StatelessWhile",
    lambda tf, x, n: tf.while_loop(
        lambda i, y: i < n,
        lambda i, y: (i + 1, tf.concat([y, y[:, :1]], 1)),
        (0, x),
        (tf.TensorShape([]), tf.TensorShape([None, None])),
    )[1],
    "grows",
    x=_x,
    n=_count,
)
op(
    "StatelessWhile",
    lambda tf, x, n: _while(tf, x, n, lambda y: _while(tf, y, n - 1, lambda z: z * 0.9 + 0.1)),
    "nested",
    x=_x,
    n=_count,
)
op(
    "StatelessWhile",
    lambda tf, x, n: _while(tf, x, n, lambda y: tf.cond(tf.reduce_sum(y) > 0, lambda: y - 1.0, lambda: y * 2.0)),
    "with-a-branch",
    also=("StatelessIf",),
    x=_x,
    n=_count,
)
op("StatelessWhile", lambda tf, x, n: _while(tf, x, 0 * n, lambda y: y * 0.5), "no-turn", x=_x, n=_count)
op(
    "StatelessWhile",
    lambda tf, x, n: tf.while_loop(lambda i, a, b: i < n, lambda i, a, b: (i + 1, b, a + b), (0, x, x * 2.0))[1:],
    "exchanges",
    x=_x,
    n=_count,
)
op(
    "While",
    lambda tf, x: tf.raw_ops.While(input=[x], cond=_above(tf), body=_halved(tf)),
    "raw",
    x=_x.fixed().ordinary(),
)
op(
    "StatelessWhile",
    lambda tf, x: tf.raw_ops.StatelessWhile(input=[x], cond=_above(tf), body=_halved(tf)),
    "raw",
    x=_x.fixed().ordinary(),
)


def _above(tf):
    return tf.function(lambda x: tf.reduce_sum(tf.abs(x)) > 0.5).get_concrete_function(tf.TensorSpec([2, 3]))


def _halved(tf):
    return tf.function(lambda x: x * 0.5).get_concrete_function(tf.TensorSpec([2, 3]))


# --- lists ---------------------------------------------------------------------------------------------------------
_rows = normal(4, 3).fixed()


def _reserved(tf, x):
    return tf.raw_ops.TensorListReserve(element_shape=[3], num_elements=4, element_dtype="float32")


def _listed(tf, x):
    return tf.raw_ops.TensorListFromTensor(tensor=x, element_shape=[3])


def _stacked(tf, handle, shape=(3,)):
    return tf.raw_ops.TensorListStack(input_handle=handle, element_shape=list(shape), element_dtype="float32")


def _set(tf, handle, index, item):
    return tf.raw_ops.TensorListSetItem(input_handle=handle, index=index, item=item)


def _push(tf, handle, item):
    return tf.raw_ops.TensorListPushBack(input_handle=handle, tensor=item)


def _pushed(tf, x):
    empty = tf.raw_ops.EmptyTensorList(element_shape=[3], max_num_elements=-1, element_dtype="float32")
    handle = tf.raw_ops.TensorListPushBack(input_handle=empty, tensor=x[1])
    return tf.raw_ops.TensorListPushBack(input_handle=handle, tensor=x[0])


op(
    "TensorListReserve",
    lambda tf, x: _stacked(
        tf, _set(tf, _set(tf, _set(tf, _set(tf, _reserved(tf, x), 0, x[3]), 1, x[2]), 2, x[1]), 3, x[0])
    ),
    also=("TensorListSetItem", "TensorListStack"),
    x=_rows,
)
op("TensorListSetItem", lambda tf, x: _stacked(tf, _set(tf, _listed(tf, x), 2, x[0])), x=_rows)
op("TensorListFromTensor", lambda tf, x: _stacked(tf, _listed(tf, x)), x=_rows)
op(
    "TensorListStack",
    lambda tf, x: _stacked(tf, _pushed(tf, x)),
    also=("EmptyTensorList", "TensorListPushBack"),
    x=_rows,
)
op("EmptyTensorList", lambda tf, x: _stacked(tf, _pushed(tf, x)), x=_rows)
op("TensorListPushBack", lambda tf, x: _stacked(tf, _pushed(tf, x)), x=_rows)
op(
    "TensorListPushBack",
    lambda tf, x: _stacked(tf, _push(tf, _set(tf, _reserved(tf, x), 1, x[2]), x[0])),
    "reserved",
    x=_rows,
)
op(
    "TensorListScatterIntoExistingList",
    lambda tf, x: _stacked(
        tf,
        tf.raw_ops.TensorListScatterIntoExistingList(
            input_handle=_set(tf, _reserved(tf, x), 3, x[0]), tensor=x[:2], indices=[2, 0]
        ),
    ),
    x=_rows,
)
op(
    "TensorListSetItem",
    lambda tf, x: _stacked(
        tf,
        tf.raw_ops.TensorListSetItem(
            input_handle=_listed(tf, x), index=6, item=x[0], resize_if_index_out_of_bounds=True
        ),
    ),
    "behind-the-end",
    x=normal(4, 3).fixed(),
)
op(
    "TensorListGather",
    lambda tf, x: tf.raw_ops.TensorListGather(
        input_handle=_listed(tf, x), indices=[2, 0, 2, 1, 3, 3], element_shape=[3], element_dtype="float32"
    ),
    "more-than-there-are",
    x=_rows,
)
op(
    "TensorListGetItem",
    lambda tf, x, i: tf.raw_ops.TensorListGetItem(
        input_handle=_listed(tf, x), index=i, element_shape=[3], element_dtype="float32"
    ),
    x=_rows,
    i=literal(1, 3),
)
op(
    "TensorListGather",
    lambda tf, x: tf.raw_ops.TensorListGather(
        input_handle=_listed(tf, x), indices=[2, 0, 2], element_shape=[3], element_dtype="float32"
    ),
    x=_rows,
)
op(
    "TensorListScatter",
    lambda tf, x: _stacked(tf, tf.raw_ops.TensorListScatter(tensor=x, indices=[2, 0, 1, 3], element_shape=[3])),
    x=_rows,
)
op(
    "TensorListScatterV2",
    lambda tf, x: _stacked(
        tf, tf.raw_ops.TensorListScatterV2(tensor=x, indices=[2, 0, 1, 3], element_shape=[3], num_elements=4)
    ),
    x=_rows,
)
op(
    "TensorListSplit",
    lambda tf, x: tf.raw_ops.TensorListGetItem(
        input_handle=tf.raw_ops.TensorListSplit(tensor=x, element_shape=[-1, 3], lengths=[1, 3]),
        index=1,
        element_shape=[3, 3],
        element_dtype="float32",
    ),
    x=_rows,
)
op(
    "TensorListConcat",
    lambda tf, x: (
        tf.raw_ops.TensorListConcat(
            input_handle=tf.raw_ops.TensorListFromTensor(tensor=tf.reshape(x, [2, 2, 3]), element_shape=[2, 3]),
            element_dtype="float32",
            element_shape=[2, 3],
        ).tensor
    ),
    x=_rows,
)
op(
    "TensorListConcatV2",
    lambda tf, x: (
        tf.raw_ops.TensorListConcatV2(
            input_handle=tf.raw_ops.TensorListFromTensor(tensor=tf.reshape(x, [2, 2, 3]), element_shape=[2, 3]),
            element_shape=[2, 3],
            leading_dims=tf.constant([], tf.int64),
            element_dtype="float32",
        ).tensor
    ),
    x=_rows,
)
op(
    "TensorListPopBack",
    lambda tf, x: (
        tf.raw_ops.TensorListPopBack(input_handle=_pushed(tf, x), element_shape=[3], element_dtype="float32").tensor
    ),
    x=_rows,
    refused=("TensorListPopBack",),
)
op(
    "TensorListLength",
    lambda tf, x: x * tf.cast(tf.raw_ops.TensorListLength(input_handle=_reserved(tf, x)), "float32"),
    x=_rows,
)
op(
    "TensorListLength",
    lambda tf, x: x * tf.cast(tf.raw_ops.TensorListLength(input_handle=_listed(tf, x)), "float32"),
    "of-a-tensor",
    x=normal(4, 3).then(6, 3),
)
op(
    "TensorListResize",
    lambda tf, x: _stacked(tf, _set(tf, tf.raw_ops.TensorListResize(input_handle=_listed(tf, x), size=5), 4, x[0])),
    x=_rows,
)
op(
    "TensorListElementShape",
    lambda tf, x: (
        x * tf.cast(tf.raw_ops.TensorListElementShape(input_handle=_listed(tf, x), shape_type="int32")[0], "float32")
    ),
    x=_rows,
)


def _array_loop(tf, x):
    array = tf.TensorArray("float32", tf.shape(x)[0])
    write = lambda i, a: (i + 1, a.write(i, tf.tanh(x[i]) * tf.cast(i + 1, "float32")))  # noqa: E731
    return tf.while_loop(lambda i, a: i < tf.shape(x)[0], write, (0, array))[1]


op("TensorListReserve", lambda tf, x: _array_loop(tf, x).stack(), "in-a-loop", x=normal(4, 3).then(6, 3))
op(
    "TensorListReserve",
    lambda tf, x: tf.map_fn(lambda row: row * tf.reduce_sum(row), x),
    "map-fn",
    x=normal(4, 3).then(6, 3),
)
op("TensorListReserve", lambda tf, x: tf.scan(lambda a, row: a * 0.5 + row, x), "scan", x=normal(4, 3).then(6, 3))
op("TensorListFromTensor", lambda tf, x: tf.foldl(lambda a, row: a * 0.5 + row, x), "foldl", x=normal(4, 3).then(6, 3))

# --- TensorFlow 1 --------------------------------------------------------------------------------------------------
_v1 = {"writer": "tf1"}


def _v1_while(tf, x, n, step):
    return tf.compat.v1.while_loop(lambda i, y: i < n, lambda i, y: (i + 1, step(y)), (tf.constant(0), x))[1]


op(
    "Switch",
    lambda tf, x, flag: tf.compat.v1.cond(flag, lambda: x * 2.0, lambda: x - 1.0),
    **_v1,
    also=("Merge",),
    x=_x,
    flag=_flag,
)
op(
    "Merge",
    lambda tf, x, n: tf.compat.v1.cond(n > 3, lambda: [x * 2.0, x], lambda: [x - 1.0, -x]),
    "two-results",
    **_v1,
    x=_x,
    n=_count,
)
op(
    "Switch",
    lambda tf, x, flag, w: tf.compat.v1.cond(flag, lambda: x @ w, lambda: x - w[0]),
    "captures-a-variable",
    **_v1,
    x=_x,
    flag=_flag,
    w=weight(3, 3),
)
op(
    "Switch",
    lambda tf, x, flag, other: tf.compat.v1.cond(
        flag, lambda: tf.compat.v1.cond(other, lambda: x * 2.0, lambda: x * 3.0), lambda: x - 1.0
    ),
    "nested",
    **_v1,
    x=_x,
    flag=_flag,
    other=literal(False, True),
)
op(
    "LoopCond",
    lambda tf, x, n: _v1_while(tf, x, n, lambda y: y * 0.5 + 1.0),
    **_v1,
    also=("Enter", "Exit", "NextIteration", "Switch", "Merge"),
    x=_x,
    n=_count,
)
op(
    "Enter",
    lambda tf, x, n, w: _v1_while(tf, x, n, lambda y: tf.tanh(y @ w)),
    "captures-a-variable",
    **_v1,
    x=_x,
    n=_count,
    w=weight(3, 3),
)
op(
    "Exit",
    lambda tf, x, n: _v1_while(tf, x, n, lambda y: _v1_while(tf, y, n - 1, lambda z: z * 0.9 + 0.1)),
    "nested",
    **_v1,
    x=_x,
    n=_count,
)
op(
    "NextIteration",
    lambda tf, x, n: _v1_while(
        tf, x, n, lambda y: tf.compat.v1.cond(tf.reduce_sum(y) > 0, lambda: y - 1.0, lambda: y * 2.0)
    ),
    "with-a-branch",
    **_v1,
    x=_x,
    n=_count,
)


def _array(tf, size, shape=(3,), **more):
    return tf.raw_ops.TensorArrayV3(size=size, dtype="float32", element_shape=list(shape), **more)


def _write_all(tf, x, **more):
    handle, flow = _array(tf, 4, **more)
    for index in range(4):
        flow = tf.raw_ops.TensorArrayWriteV3(
            handle=handle, index=index, value=x[3 - index] * (index + 1.0), flow_in=flow
        )
    return handle, flow


def _gather(tf, handle, flow, indices=(0, 1, 2, 3)):
    return tf.raw_ops.TensorArrayGatherV3(
        handle=handle, indices=list(indices), flow_in=flow, dtype="float32", element_shape=[3]
    )


def _scattered(tf, x):
    handle, flow = _array(tf, 4)
    return handle, tf.raw_ops.TensorArrayScatterV3(handle=handle, indices=[2, 0, 1, 3], value=x, flow_in=flow)


def _split(tf, x):
    handle, flow = _array(tf, 2, (None, 3), identical_element_shapes=False)
    return handle, tf.raw_ops.TensorArraySplitV3(
        handle=handle, value=x, lengths=tf.constant([2, 2], tf.int64), flow_in=flow
    )


def _closed(tf, x):
    handle, flow = _write_all(tf, x, clear_after_read=False)
    result = _gather(tf, handle, flow)
    with tf.control_dependencies([result]):
        close = tf.raw_ops.TensorArrayCloseV3(handle=handle)
    with tf.control_dependencies([close]):
        return tf.identity(result)


op(
    "TensorArrayV3",
    lambda tf, x: _gather(tf, *_write_all(tf, x)),
    **_v1,
    also=("TensorArrayWriteV3", "TensorArrayGatherV3"),
    x=_rows,
)
op("TensorArrayWriteV3", lambda tf, x: _gather(tf, *_write_all(tf, x), (3, 1)), **_v1, x=_rows)
op("TensorArrayGatherV3", lambda tf, x: _gather(tf, *_scattered(tf, x), (3, 1, 0)), **_v1, x=_rows)
op("TensorArrayScatterV3", lambda tf, x: _gather(tf, *_scattered(tf, x)), **_v1, x=_rows)
op("TensorArrayReadV3", lambda tf, x, i: _read(tf, _scattered(tf, x), i), **_v1, x=_rows, i=literal(1, 3))
op("TensorArrayConcatV3", lambda tf, x: _concat(tf, _split(tf, x)), **_v1, also=("TensorArraySplitV3",), x=_rows)
op("TensorArraySplitV3", lambda tf, x: _read(tf, _split(tf, x), 1), **_v1, x=_rows)
op("TensorArraySizeV3", lambda tf, x: x * tf.cast(_size(tf, _scattered(tf, x)), "float32"), **_v1, x=_rows)
op("TensorArrayCloseV3", _closed, **_v1, x=_rows)
op("TensorArrayV3", lambda tf, x: _array_loop(tf, x).stack(), "in-a-loop", **_v1, x=normal(4, 3).then(6, 3))
op(
    "TensorArrayV3",
    lambda tf, x: tf.map_fn(lambda row: row * tf.reduce_sum(row), x),
    "map-fn",
    **_v1,
    x=normal(4, 3).then(6, 3),
)


def _read(tf, array, index):
    return tf.raw_ops.TensorArrayReadV3(handle=array[0], index=index, flow_in=array[1], dtype="float32")


def _concat(tf, array):
    return tf.raw_ops.TensorArrayConcatV3(
        handle=array[0], flow_in=array[1], dtype="float32", element_shape_except0=[3]
    ).value


def _size(tf, array):
    return tf.raw_ops.TensorArraySizeV3(handle=array[0], flow_in=array[1])
