"""Models that no graph of TensorFlow.js can give the numbers of: each must be refused, for its reason."""

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import literal, normal, uniform, words
from tests.oracle.graphs.models.suite import SUITE

model = Family(SUITE, __name__).model


def _served(tf, function, *specs, **kept):
    module = tf.Module()
    module.kept = kept
    module.serve = tf.function(lambda *tensors: function(*tensors, **kept), input_signature=specs, autograph=False)
    return module, module.serve


@model("module", x=normal(2, 4), refused=("counter", "TensorFlow.js keeps no state"))
def counter(tf):
    def serve(x, counter):
        return x * counter.assign_add(1.0)

    return _served(tf, serve, tf.TensorSpec([None, 4], name="x"), counter=tf.Variable(0.0, name="counter"))


@model("module", x=normal(2, 4), refused=("history", "TensorFlow.js keeps no state"))
def state_between_calls(tf):
    def serve(x, history):
        before = history + 0.0
        history.assign(tf.reduce_mean(x, 0))
        return x - before

    return _served(tf, serve, tf.TensorSpec([None, 4], name="x"), history=tf.Variable(tf.zeros([4]), name="history"))


@model("module", x=normal(2, 4), refused=("Random",))
def dropout_that_stays(tf):
    return _served(tf, lambda x: tf.nn.dropout(x, 0.5, seed=3), tf.TensorSpec([None, 4], name="x"))


@model("keras3", x=normal(2, 6), refused=("seed_generator", "TensorFlow.js keeps no state"))
def variational_sampling(keras):
    class Sampling(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.seed = keras.random.SeedGenerator(3)

        def call(self, inputs):
            mean, spread = inputs
            return mean + keras.ops.exp(spread) * keras.random.normal(keras.ops.shape(mean), seed=self.seed)

    x = keras.Input((6,), name="x")
    return keras.Model(x, Sampling()([keras.layers.Dense(2)(x), keras.layers.Dense(2)(x)]))


@model("module", x=words(["a", "b"], 2), refused=("DecodePng",))
def encoded_images(tf):
    def serve(x):
        return tf.map_fn(lambda each: tf.cast(tf.io.decode_png(each, 3), "float32"), x, fn_output_signature="float32")

    return _served(tf, serve, tf.TensorSpec([None], "string", "x"))


@model("module", x=words(["a", "b"], 2), refused=("AudioSpectrogram", "DecodeWav", "Mfcc", "in the page"))
def encoded_sounds(tf):
    """All ops that TensorFlow.js lacks are named at once."""

    def serve(x):
        sound = tf.audio.decode_wav(x[0], desired_channels=1, desired_samples=1600)
        spectrogram = tf.raw_ops.AudioSpectrogram(input=sound.audio, window_size=640, stride=320)
        return tf.raw_ops.Mfcc(spectrogram=spectrogram, sample_rate=sound.sample_rate)

    return _served(tf, serve, tf.TensorSpec([None], "string", "x"))


@model("module", x=words(["a", "b"], 2), refused=("ParseExample",))
def serialized_examples(tf):
    def serve(x):
        return tf.io.parse_example(x, {"f": tf.io.FixedLenFeature([2], "float32")})["f"]

    return _served(tf, serve, tf.TensorSpec([None], "string", "x"))


@model("module", x=normal(3, 3), refused=("Svd",))
def decomposition(tf):
    return _served(tf, lambda x: tf.linalg.svd(x)[0], tf.TensorSpec([3, 3], name="x"))


@model("module", x=normal(2, 4), refused=("EagerPyFunc",))
def python_function(tf):
    def serve(x):
        return tf.ensure_shape(tf.py_function(lambda y: y.numpy() * 2, [x], "float32"), [None, 4])

    return _served(tf, serve, tf.TensorSpec([None, 4], name="x"))


@model("module", x=literal([1, 2], [3, 4], "int64"), refused=("LookupTableInsertV2", "TensorFlow.js keeps no state"))
def table_that_is_written(tf):
    def serve(x, table):
        table.insert(x, x * 10)
        return table.lookup(x)

    table = tf.lookup.experimental.MutableHashTable("int64", "int64", -1)
    return _served(tf, serve, tf.TensorSpec([2], "int64", "x"), table=table)


@model("module", x=normal(2, 4), refused=("TensorFlow.js has no",))
def complex_output(tf):
    module, serve = _served(
        tf, lambda x: tf.linalg.det(tf.complex(x @ tf.transpose(x), tf.eye(2))), tf.TensorSpec([2, 4], name="x")
    )
    return module, serve


@model(
    "keras3",
    x=uniform(0, 255, 2, 8, 8, 3),
    refused=("seed_generator", "TensorFlow.js keeps no state", "training=False"),
)
def augmentation_that_stays(keras):
    """Keras 3 exports such layers as if in training, unless they are told not to be."""
    layers = keras.layers
    return keras.Sequential([keras.Input((8, 8, 3), name="x"), layers.RandomFlip(), layers.Conv2D(2, 3)])
