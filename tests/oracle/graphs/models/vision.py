"""What goes around convolutional networks: preprocessing, detection, segmentation, generation."""

import numpy as np

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import boxes, integers, literal, normal, uniform
from tests.oracle.graphs.models.suite import SUITE

model = Family(SUITE, __name__).model

_PHOTO = integers(0, 255, 1, 20, 24, 3).typed("uint8")


def _kernel(seed, *shape):
    scale = 1 / np.sqrt(np.prod(shape[:-1]))
    return (np.random.default_rng(seed).standard_normal(shape) * scale).astype("float32")


def _served(tf, function, *specs, **kept):
    module = tf.Module()
    module.kept = {name: tf.Variable(value, name=name) for name, value in kept.items()}
    module.serve = tf.function(
        lambda *tensors: function(*tensors, **module.kept), input_signature=specs, autograph=False
    )
    return module, module.serve


# --- preprocessing --------------------------------------------------------------------------------------------------


@model("module", x=_PHOTO)
def resize_and_normalize(tf):
    def serve(x):
        x = tf.image.resize(tf.cast(x, "float32"), [16, 16])
        return (x / 255.0 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]

    return _served(tf, serve, tf.TensorSpec([None, None, None, 3], "uint8", "x"))


@model("module", x=_PHOTO)
def crop_pad_and_flip(tf):
    def serve(x):
        y = tf.image.resize_with_crop_or_pad(x, 18, 28)
        y = tf.image.flip_left_right(tf.image.central_crop(y, 0.5))
        return {"y": tf.image.convert_image_dtype(y, "float32"), "gray": tf.image.rgb_to_grayscale(y)}

    return _served(tf, serve, tf.TensorSpec([1, 20, 24, 3], "uint8", "x"))


@model("module", x=_PHOTO)
def standardized_in_a_map(tf):
    def serve(x):
        x = tf.map_fn(tf.image.per_image_standardization, tf.cast(x, "float32"))
        return tf.image.resize(x, [10, 12], method="nearest")

    return _served(tf, serve, tf.TensorSpec([None, 20, 24, 3], "uint8", "x"))


@model("module", x=uniform(0, 1, 2, 8, 8, 3))
def colour_adjustments(tf):
    def serve(x):
        x = tf.image.adjust_contrast(tf.image.adjust_brightness(x, 0.1), 1.3)
        x = tf.image.adjust_saturation(tf.clip_by_value(x, 0.0, 1.0), 1.4)
        return tf.image.adjust_gamma(tf.clip_by_value(tf.image.adjust_hue(x, 0.1), 0.0, 1.0), 1.5)

    return _served(tf, serve, tf.TensorSpec([None, 8, 8, 3], name="x"))


@model("keras3", x=uniform(0, 255, 2, 20, 24, 3))
def preprocessing_layers(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((20, 24, 3), name="x"),
            layers.Resizing(18, 18),
            layers.CenterCrop(16, 14),
            layers.Rescaling(1 / 127.5, -1.0),
            layers.Normalization(mean=[0.1, 0.2, 0.3], variance=[0.5, 0.6, 0.7]),
            layers.Conv2D(4, 3, strides=2),
        ]
    )


@model("module", x=uniform(0, 255, 2, 12, 12, 3))
def sobel_edges(tf):
    def serve(x):
        edges = tf.image.sobel_edges(x)
        return tf.sqrt(tf.reduce_sum(edges**2, -1) + 1e-3) + tf.reduce_mean(tf.image.image_gradients(x)[0])

    return _served(tf, serve, tf.TensorSpec([2, 12, 12, 3], name="x"))


# --- detection ------------------------------------------------------------------------------------------------------

_FOUND = {"boxes": boxes(14), "scores": uniform(0, 1, 14)}


def _found(tf):
    return tf.TensorSpec([14, 4], name="boxes"), tf.TensorSpec([14], name="scores")


@model("module", **_FOUND)
def suppression(tf):
    def serve(boxes, scores):
        kept = tf.image.non_max_suppression(boxes, scores, 6, 0.4, 0.2)
        return {"boxes": tf.gather(boxes, kept), "scores": tf.gather(scores, kept)}

    return _served(tf, serve, *_found(tf))


@model("module", ops=("NonMaxSuppressionV5",), **_FOUND)
def suppression_with_scores(tf):
    def serve(boxes, scores):
        kept, soft = tf.image.non_max_suppression_with_scores(boxes, scores, 6, 0.9, 0.1, soft_nms_sigma=0.5)
        return {"kept": kept, "soft": soft}

    return _served(tf, serve, *_found(tf))


@model("module", same=("valid",), **_FOUND)
def suppression_padded(tf):
    def serve(boxes, scores):
        kept, valid = tf.image.non_max_suppression_padded(boxes, scores, 9, 0.3, 0.2, pad_to_max_output_size=True)
        return {"boxes": tf.gather(boxes, kept), "valid": tf.reduce_sum(valid)}

    return _served(tf, serve, *_found(tf))


@model("module", x=normal(1, 16, 16, 3))
def single_shot_detector(tf):
    """Anchors, offsets, classes, and suppression for each class."""
    anchors = np.stack(np.meshgrid(np.linspace(0.1, 0.9, 4), np.linspace(0.1, 0.9, 4), indexing="ij"), -1)
    anchors = anchors.reshape(16, 2).astype("float32")

    def serve(x, stem, head):
        features = tf.nn.relu(tf.nn.conv2d(x, stem, 4, "SAME"))
        out = tf.reshape(tf.nn.conv2d(features, head, 1, "SAME"), [16, 7])
        centers, sizes = anchors + 0.1 * tf.tanh(out[:, :2]), 0.3 * tf.exp(0.2 * out[:, 2:4])
        found = tf.concat([centers - sizes / 2, centers + sizes / 2], 1)
        scores = tf.sigmoid(out[:, 4:])
        result = {}
        for index in range(3):
            kept = tf.image.non_max_suppression(found, scores[:, index], 5, 0.3, 0.4)
            result[f"boxes_{index}"] = tf.gather(found, kept)
            result[f"scores_{index}"] = tf.gather(scores[:, index], kept)
        return result

    return _served(
        tf, serve, tf.TensorSpec([1, 16, 16, 3], name="x"), stem=_kernel(1, 3, 3, 3, 8), head=_kernel(2, 3, 3, 8, 7) * 3
    )


@model("module", x=normal(1, 8, 8, 6))
def one_shot_detector_with_anchors(tf):
    """A grid of cells with two anchors each; the best class of each box; boxes below a score go first."""

    def serve(x, head):
        y = tf.reshape(tf.nn.conv2d(x, head, 1, "SAME"), [8, 8, 2, 7])
        cells = tf.cast(tf.stack(tf.meshgrid(tf.range(8), tf.range(8)), -1)[:, :, None], "float32")
        centers = (tf.sigmoid(y[..., :2]) + cells) / 8.0
        sizes = tf.exp(y[..., 2:4]) * tf.constant([[0.1, 0.2], [0.3, 0.1]])
        found = tf.reshape(tf.concat([centers - sizes / 2, centers + sizes / 2], -1), [-1, 4])
        scores = tf.reshape(tf.sigmoid(y[..., 4:5]) * tf.nn.softmax(y[..., 5:]), [-1, 2])
        best = tf.reduce_max(scores, -1)
        likely = tf.boolean_mask(tf.range(128), best > 0.3)
        args = tf.gather(found, likely), tf.gather(best, likely), 6, 0.5, 0.3
        kept, score = tf.image.non_max_suppression_with_scores(*args)
        kept = tf.gather(likely, kept)
        return {
            "boxes": tf.gather(found, kept),
            "classes": tf.cast(tf.argmax(tf.gather(scores, kept), -1, "int32"), "float32") + score,
        }

    return _served(tf, serve, tf.TensorSpec([1, 8, 8, 6], name="x"), head=_kernel(2, 1, 1, 6, 14) * 2)


@model("module", x=normal(1, 16, 16, 3), rois=boxes(5))
def regions_of_interest(tf):
    def serve(x, rois, stem, head):
        features = tf.nn.relu(tf.nn.conv2d(x, stem, 2, "SAME"))
        crops = tf.image.crop_and_resize(features, rois, tf.zeros([tf.shape(rois)[0]], "int32"), [4, 4])
        pooled = tf.reshape(tf.nn.max_pool2d(crops, 2, 2, "SAME"), [-1, 32])
        best = tf.math.top_k(tf.reduce_max(pooled @ head, -1), 3)
        return {"scores": best.values, "rois": tf.gather(rois, best.indices)}

    return _served(
        tf,
        serve,
        tf.TensorSpec([1, 16, 16, 3], name="x"),
        tf.TensorSpec([None, 4], name="rois"),
        stem=_kernel(1, 3, 3, 3, 8),
        head=_kernel(2, 32, 4),
    )


@model("module", x=normal(1, 12, 12, 3))
def pose_heatmaps(tf):
    """The place of the highest value of each of five maps, with its offset."""

    def serve(x, stem, head):
        maps = tf.nn.conv2d(tf.nn.relu6(tf.nn.conv2d(x, stem, 2, "SAME")), head, 1, "SAME")
        flat = tf.reshape(maps[..., :5], [-1, 36, 5])
        best = tf.argmax(flat, 1, "int32")
        y, x = best // 6, best % 6
        places = tf.stack([tf.zeros_like(y), y, x, tf.range(5, 10)[None]], -1)
        return {
            "y": tf.cast(y, "float32") / 6.0 + 0.1 * tf.gather_nd(maps, places),
            "x": tf.cast(x, "float32") / 6.0,
            "score": tf.sigmoid(tf.reduce_max(flat, 1)),
        }

    return _served(
        tf, serve, tf.TensorSpec([1, 12, 12, 3], name="x"), stem=_kernel(1, 3, 3, 3, 8), head=_kernel(2, 3, 3, 8, 10)
    )


# --- segmentation and generation ------------------------------------------------------------------------------------


for _keras in ("keras3", "keras2"):
    _suffix = "" if _keras == "keras3" else "_of_keras_2"

    @model(_keras, name=f"u_net{_suffix}", x=normal(2, 16, 16, 3))
    def u_net(keras):
        layers = keras.layers
        inputs = keras.Input((16, 16, 3), name="x")
        a = layers.Conv2D(4, 3, padding="same", activation="relu")(inputs)
        b = layers.Conv2D(8, 3, padding="same", activation="relu")(layers.MaxPooling2D()(a))
        c = layers.SeparableConv2D(8, 3, padding="same", activation="relu")(layers.AveragePooling2D(2)(b))
        d = layers.Concatenate()([layers.Conv2DTranspose(8, 3, 2, padding="same")(c), b])
        e = layers.Concatenate()([layers.UpSampling2D(interpolation="bilinear")(d), a])
        return keras.Model(inputs, layers.Conv2D(3, 1, activation="softmax")(e))

    @model(_keras, name=f"image_generator{_suffix}", x=normal(2, 10))
    def image_generator(keras):
        layers = keras.layers
        inputs = keras.Input((10,), name="x")
        y = layers.Reshape((4, 4, 6))(layers.Dense(96)(inputs))
        y = layers.LeakyReLU()(layers.Conv2DTranspose(8, 4, 2, padding="same", use_bias=False)(y))
        y = layers.UpSampling2D()(y)
        return keras.Model(inputs, layers.Conv2DTranspose(3, 5, 2, padding="same", activation="tanh")(y))


@model("module", x=normal(1, 8, 9, 3).then(1, 12, 7, 3))
def super_resolution(tf):
    """Of images of any size."""

    def serve(x, a, b):
        y = tf.nn.depth_to_space(tf.nn.conv2d(tf.nn.relu(tf.nn.conv2d(x, a, 1, "SAME")), b, 1, "SAME"), 2)
        return y + tf.image.resize(x, 2 * tf.shape(x)[1:3])

    spec = tf.TensorSpec([None, None, None, 3], name="x")
    return _served(tf, serve, spec, a=_kernel(1, 3, 3, 3, 8), b=_kernel(2, 3, 3, 8, 12))


@model("module", x=normal(1, 12, 12, 3), style=normal(1, 4))
def style_transfer(tf):
    """Instance normalization whose scale comes from another input; reflecting borders."""

    def serve(x, style, a, b, scale):
        y = tf.nn.conv2d(tf.pad(x, [[0, 0], [2, 2], [2, 2], [0, 0]], "REFLECT"), a, 2, "VALID")
        mean, variance = tf.nn.moments(y, [1, 2], keepdims=True)
        y = tf.nn.elu((y - mean) * tf.math.rsqrt(variance + 1e-5) * (1.0 + (style @ scale)[:, None, None]))
        y = tf.image.resize(y, [12, 12], method="nearest")
        return tf.sigmoid(tf.nn.conv2d(y, b, 1, "SAME")) * 255.0

    return _served(
        tf,
        serve,
        tf.TensorSpec([1, 12, 12, 3], name="x"),
        tf.TensorSpec([1, 4], name="style"),
        a=_kernel(1, 5, 5, 3, 6),
        b=_kernel(2, 3, 3, 6, 3),
        scale=_kernel(3, 4, 6),
    )


@model("keras3", x=normal(2, 12, 12, 4))
def grouped_and_dilated(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((12, 12, 4), name="x"),
            layers.Conv2D(8, 3, groups=2, padding="same", activation="relu"),
            layers.Conv2D(8, 3, dilation_rate=2, padding="same"),
            layers.BatchNormalization(),
            layers.PReLU(shared_axes=[1, 2]),
            layers.DepthwiseConv2D(3, dilation_rate=2, depth_multiplier=2),
            layers.GroupNormalization(4),
            layers.GlobalMaxPooling2D(),
        ]
    )


@model("keras3", x=normal(2, 6, 8, 8, 2))
def volumes(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((6, 8, 8, 2), name="x"),
            layers.Conv3D(4, 3, padding="same", activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling3D(),
            layers.ZeroPadding3D(1),
            layers.Conv3DTranspose(3, 3, 2, padding="same"),
            layers.AveragePooling3D(2),
            layers.GlobalAveragePooling3D(),
        ]
    )


@model("module", x=literal(np.arange(48.0).reshape(1, 4, 4, 3), np.arange(48.0)[::-1].reshape(1, 4, 4, 3)))
def rotations(tf):
    def serve(x):
        turned = tf.image.rot90(x)
        return tf.concat([turned, tf.image.flip_up_down(x), tf.image.transpose(x)], -1)

    return _served(tf, serve, tf.TensorSpec([1, 4, 4, 3], name="x"))


@model("keras3", x=normal(2, 12, 4))
def convolutions_of_sequences(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((12, 4), name="x"),
            layers.SeparableConv1D(6, 3, padding="same", depth_multiplier=2),
            layers.Conv1DTranspose(5, 3, 2),
            layers.DepthwiseConv1D(3, 2),
            layers.MaxPooling1D(2, padding="same"),
            layers.UpSampling1D(2),
            layers.LayerNormalization(axis=[1, 2]),
            layers.GlobalMaxPooling1D(),
        ]
    )


@model("module", x=uniform(0, 1, 2, 9, 7, 3).then(1, 6, 8, 3))
def half_and_back_of_any_size(tf):
    def serve(x, kernel):
        half = tf.image.resize(x, tf.cast(tf.shape(x)[1:3] / 2, "int32"))
        y = tf.image.resize(tf.nn.conv2d(half, kernel, 1, "SAME"), tf.shape(x)[1:3])
        return tf.reduce_mean(tf.pad(y, [[0, 0], [1, 1], [1, 1], [0, 0]], "SYMMETRIC"), [1, 2])

    return _served(tf, serve, tf.TensorSpec([None, None, None, 3], name="x"), kernel=_kernel(1, 3, 3, 3, 4))
