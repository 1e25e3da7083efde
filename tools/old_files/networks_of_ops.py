"""Small networks with TensorFlow's functions between Keras's layers, which TensorFlow to 2.3 wrote as op layers."""

from networks import network


def _tensorflow(keras):
    if not keras.__name__.startswith("tensorflow"):
        raise ValueError("only tf.keras takes TensorFlow's functions")
    import tensorflow

    return tensorflow


@network
def op_arithmetic(keras):
    _tensorflow(keras)
    x = keras.layers.Input((4,), name="x")
    y = keras.layers.Dense(4)(x * 2.0 + 1.0)
    return keras.models.Model(x, (y - x) / 3.0 + (1.0 - y) * -x)


@network
def op_activations(keras):
    tf = _tensorflow(keras)
    x = keras.layers.Input((4,), name="x")
    y = keras.layers.Dense(4)(x)
    return keras.models.Model(x, tf.nn.relu(y) + tf.nn.leaky_relu(y, 0.3) * tf.sigmoid(y) - tf.nn.elu(x))


@network
def op_hard_swish(keras):
    tf = _tensorflow(keras)
    x = inputs = keras.layers.Input((8, 8, 3), name="x")
    x = keras.layers.Conv2D(4, 3)(x)
    x = x * tf.nn.relu6(x + 3.0) * 0.16666667
    return keras.models.Model(inputs, keras.layers.GlobalAveragePooling2D()(x))


@network
def op_joins(keras):
    tf = _tensorflow(keras)
    a, b = keras.layers.Input((4, 3), name="a"), keras.layers.Input((4, 3), name="b")
    x = tf.concat([a, tf.reduce_max(b, axis=1, keepdims=True)], axis=1)
    y = tf.stack([a, b], axis=2)
    return keras.models.Model([a, b], [keras.layers.Dense(2)(x), tf.reduce_mean(y, [1, 2])])


@network
def op_shapes(keras):
    tf = _tensorflow(keras)
    x = keras.layers.Input((4, 6), name="x")
    y = tf.transpose(tf.reshape(x, [-1, 2, 2, 6]), [0, 3, 1, 2])
    z = tf.expand_dims(tf.squeeze(tf.pad(y[:, :1], [[0, 0], [0, 0], [1, 0], [0, 2]]), axis=1), -1)
    return keras.models.Model(x, keras.layers.Conv2D(2, 2)(z))


@network
def op_slices(keras):
    tf = _tensorflow(keras)
    x = keras.layers.Input((6, 4), name="x")
    first, second = tf.split(x, 2, axis=-1)
    y = keras.layers.Dense(3)(first[:, ::2] - second[:, 1::2])
    return keras.models.Model(x, [y[:, -1], x[..., 0]])


@network
def op_products(keras):
    tf = _tensorflow(keras)
    a, b = keras.layers.Input((4, 3), name="a"), keras.layers.Input((5, 3), name="b")
    scores = tf.nn.softmax(tf.matmul(a, keras.layers.Dense(3)(b), transpose_b=True) / 1.7)
    return keras.models.Model([a, b], tf.matmul(scores, b))


@network
def op_norms(keras):
    tf = _tensorflow(keras)
    x = keras.layers.Input((5,), name="x")
    y = keras.layers.Dense(3)(tf.nn.l2_normalize(x, axis=1))
    return keras.models.Model(x, tf.sqrt(tf.reduce_sum(tf.square(y), axis=-1, keepdims=True)) + tf.abs(y))


@network
def op_comparisons(keras):
    tf = _tensorflow(keras)
    x = keras.layers.Input((5,), name="x")
    y = keras.layers.Dense(5)(x)
    return keras.models.Model(x, tf.where(y > 0.0, y, x) + tf.cast(tf.greater(x, y), "float32"))


@network
def op_images(keras):
    tf = _tensorflow(keras)
    x = keras.layers.Input((6, 6, 3), name="x")
    y = tf.compat.v1.image.resize_bilinear(x, (9, 8), align_corners=True)
    return keras.models.Model(x, keras.layers.Conv2D(2, 3)(y))


@network
def op_images_resized(keras):
    tf = _tensorflow(keras)
    x = keras.layers.Input((6, 6, 3), name="x")
    return keras.models.Model(x, keras.layers.Conv2D(2, 3)(tf.image.resize(x, (9, 8))))


@network
def op_gathers(keras):
    tf = _tensorflow(keras)
    x = keras.layers.Input((6, 4), name="x")
    y = tf.gather(x, [3, 1, 0], axis=1)
    return keras.models.Model(x, [keras.layers.Dense(2)(y), tf.one_hot(tf.argmax(x, axis=-1), 4)])


@network
def op_of_shape(keras):
    tf = _tensorflow(keras)
    x = keras.layers.Input((None, 4), name="x8")
    y = tf.reshape(keras.layers.Dense(6)(x), [-1, tf.shape(x)[1] * 2, 3])
    return keras.models.Model(x, y)


@network
def op_depth_to_space(keras):
    tf = _tensorflow(keras)
    x = keras.layers.Input((None, None, 2), name="x8")
    y = tf.nn.depth_to_space(keras.layers.Conv2D(12, 3, padding="same")(x), 2)
    return keras.models.Model(x, tf.clip_by_value(y, -0.5, 0.5))


@network
def op_of_backend(keras):
    _tensorflow(keras)
    k = keras.backend
    x = keras.layers.Input((5, 3), name="x")
    y = k.sum(keras.layers.Dense(4)(x), axis=1) + k.mean(x)
    return keras.models.Model(x, k.softmax(k.clip(y, -1.0, 1.0)))


@network
def op_loss_added(keras):
    tf = _tensorflow(keras)
    x = keras.layers.Input((5,), name="x")
    model = keras.models.Model(x, keras.layers.Dense(5)(x))
    model.add_loss(tf.reduce_mean(tf.square(model.output - x)))
    return model
