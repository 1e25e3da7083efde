"""Feature columns, and bytes of files, as hosted services (BigQuery ML, AutoML) export them."""

from tests.oracle.graphs.given import literal, weight, words
from tests.oracle.reported.suite import Theme
from tests.oracle.variables import randomize

case = Theme(__name__).case


@case(
    "module",
    options={"signature": "predict"},
    age=literal([[25.0], [61.0]], [[17.0], [30.0]]),
    city=literal([["Rome", "Oslo", ""], ["Lima", "", ""]], [["Oslo", "Rome", "Bonn"], ["Cairo", "Lima", ""]], "string"),
    color=literal([["green"], ["mauve"]], [["red"], ["blue"]], "string"),
    month=literal([[4], [11]], [[0], [7]], "int64"),
)
def feature_columns(tf):
    """A vocabulary with buckets for other words, a hash bucket whose embeddings of a list of words are divided by the
    root of their number, buckets of a number, and an indicator."""
    import tf_keras

    columns = tf.feature_column
    vocabulary = columns.categorical_column_with_vocabulary_list("color", ["red", "green", "blue"], num_oov_buckets=2)
    hashed = columns.categorical_column_with_hash_bucket("city", 50)
    month = columns.categorical_column_with_identity("month", 12, default_value=0)
    model = tf_keras.Sequential(
        [
            tf_keras.layers.DenseFeatures(
                [
                    columns.embedding_column(vocabulary, 4),
                    columns.embedding_column(hashed, 5, combiner="sqrtn"),
                    columns.bucketized_column(columns.numeric_column("age"), [18.0, 30.0, 60.0]),
                    columns.indicator_column(month),
                ]
            ),
            tf_keras.layers.Dense(6, activation="relu"),
            tf_keras.layers.Dense(1),
        ]
    )

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, 1], "float32", "age"),
            tf.TensorSpec([None, None], "string", "city"),
            tf.TensorSpec([None, 1], "string", "color"),
            tf.TensorSpec([None, 1], "int64", "month"),
        ]
    )
    def predict(age, city, color, month):
        return {"pred": model({"age": age, "city": city, "color": color, "month": month})}

    signature = predict.get_concrete_function()  # which makes the weights
    randomize(model, "feature_columns")
    return model, {"predict": signature}


@case(
    "function",
    refused=("TensorFlow.js has no DecodeJpeg", "Decode images in the page"),
    unsaid=("custom op library",),
    image_bytes=words(["a", "b"], 2).free(0),
    key=words(["k", "l"], 2).free(0),
    w=weight(192, 3),
)
def jpegs_in_a_map(tf, image_bytes, key, w):
    """AutoML's classifiers of images decode each JPEG of a batch within a map."""

    def decoded(each):
        return tf.image.resize(tf.cast(tf.io.decode_jpeg(each, 3), tf.float32), (8, 8))

    images = tf.map_fn(decoded, image_bytes, fn_output_signature=tf.float32)
    return {"scores": tf.nn.softmax(tf.reshape(images, [-1, 192]) @ w), "key": key}
