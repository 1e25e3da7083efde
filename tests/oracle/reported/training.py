"""Models that are called in training mode on purpose: batch normalization by the batch itself."""

from tests.oracle.graphs.given import normal
from tests.oracle.reported.suite import Theme
from tests.oracle.variables import randomize

case = Theme(__name__).case


def _generator(keras, **call):
    layers = keras.layers
    inputs = keras.Input((16, 16, 3), name="image")
    x = layers.LeakyReLU()(layers.Conv2D(6, 4, strides=2, padding="same", use_bias=False)(inputs))
    x = layers.BatchNormalization()(x, **call)
    x = layers.ReLU()(layers.Conv2DTranspose(4, 4, strides=2, padding="same")(x))
    return keras.Model(inputs, layers.Conv2D(3, 3, padding="same", activation="tanh")(x))


@case("keras3-file", name="pix2pix_file", image=normal(1, 16, 16, 3))
@case("keras3", name="pix2pix_export", image=normal(1, 16, 16, 3))
def pix2pix(keras):
    """A generator whose batch normalization is called in training mode."""
    return _generator(keras, training=True)


@case("module", image=normal(1, 16, 16, 3))
def pix2pix_of_keras_2(tf):
    """A signature that calls a Keras 2 model in training mode: it writes statistics that none of its outputs reads."""
    import tf_keras

    module = tf.Module()
    module.generator = _generator(tf_keras)
    randomize(module.generator, "pix2pix")

    @tf.function(input_signature=[tf.TensorSpec([1, 16, 16, 3], name="image")])
    def serve(image):
        return {"generated": module.generator(image, training=True)}

    module.serve = serve
    return module, serve
