"""What cpu and wasm compute right, and webgl or webgpu wrong or not at all."""

from tests.oracle.graphs.given import integers, literal, normal, weight
from tests.oracle.reported.suite import Theme

case = Theme(__name__).case

_VOLUME = normal(2, 3, 4, 4, 3)


@case("function", x=_VOLUME)
def padding_at_rank_5(tf, x):
    """webgl and webgpu throw, or give zeros."""
    return {"y": tf.pad(x, [[0, 0], [1, 0], [1, 1], [0, 2], [0, 0]])}


@case("function", x=_VOLUME)
def steps_at_rank_5(tf, x):
    """A slice with steps: webgl and webgpu throw, or give zeros."""
    return {"y": x[:, ::2, 1:, ::2, :]}


@case("function", x=_VOLUME)
def choice_at_rank_5(tf, x):
    """A choice by a condition: webgl and webgpu throw, or give zeros."""
    return {"y": tf.where(x > 0, x, x * 0.1)}


@case("function", x=_VOLUME, slope=weight(3))
def negative_side_at_rank_5(tf, x, slope):
    """An activation with a slope of its own for negative numbers (PReLU)."""
    return {"y": tf.nn.relu(x) - slope * tf.nn.relu(-x)}


@case("function", x=_VOLUME, kernel=weight(2, 2, 2, 3, 4), bias=weight(4))
def bias_at_rank_5(tf, x, kernel, bias):
    """A bias after a convolution in three dimensions."""
    return {"y": tf.nn.bias_add(tf.nn.conv3d(x, kernel, [1] * 5, "SAME"), bias)}


@case("function", x=_VOLUME)
def cumulative_sum_at_rank_5(tf, x):
    """A cumulative sum along an axis in the middle."""
    return {"y": tf.cumsum(x, 1)}


@case("function", x=normal(2, 8, 9, 3).fixed())
def crops_of_several_images(tf, x):
    """webgl and webgpu take the box's number for the image's."""
    boxes = tf.constant([[0.1, 0.1, 0.9, 0.9], [0.0, 0.0, 1.0, 1.0]])
    return {"y": tf.image.crop_and_resize(x, boxes, tf.constant([1, 0]), [4, 4])}


@case("function", i=integers(0, 4, 2, 3))
def reduced_one_hot(tf, i):
    """webgpu gives zeros for a one-hot that is reduced."""
    return {"y": tf.reduce_max(tf.one_hot(i, 5), 1)}


@case("function", x=normal(2, 8, 8, 6))
def window_attention(tf, x):
    """Windows of an image (Swin): webgl and webgpu have no transposition of rank 7."""
    windows = tf.transpose(tf.reshape(x, [-1, 2, 4, 2, 4, 3, 2]), [0, 1, 3, 2, 4, 5, 6])
    return {"y": tf.reduce_sum(windows, -1)}


@case("function", x=normal(2, 6))
def masked_softmax(tf, x):
    """A mask of -1e9, which half-float textures turn into an infinity."""
    return {"y": tf.nn.softmax(tf.where(x > 0, x, -1e9))}


@case(
    "function",
    i=literal([[29999, 17, 2049, 12345]], [[4097, 20001, 3, 29998]]).free(0),
    table=weight(30000, 4),
)
def rows_of_a_large_table(tf, i, table):
    """An embedding with more rows than half-float textures can count."""
    return {"y": tf.gather(table, i)}
