"""Small networks of everything that Keras had from 2.0 to 2.3: what `__main__` saves with an old Keras.

A function gets the Keras to build with, `keras` or `tf.keras`, and returns a model. What an old Keras lacks makes it
raise, and the network is left out of that Keras's archive. An input's name says what fills it: see `values.sample`.
"""

NETWORKS = {}
"""Functions by name."""
TRAINED = set()
"""Networks that are compiled and trained for a step, and saved with their optimizer."""
ON_GPU = set()
"""Networks that no CPU runs; their functions take `twin`, and give the same network of layers that a CPU runs."""


def network(build):
    """Register a function under its name."""
    NETWORKS[build.__name__] = build
    return build


def trained(build):
    """Register a function whose model is saved with its optimizer."""
    TRAINED.add(build.__name__)
    return network(build)


def chain(keras, shape, *layers, **options):
    """Return a functional model of layers one after the other."""
    x = inputs = keras.layers.Input(shape, name="x", **options)
    for each in layers:
        x = each(x)
    return keras.models.Model(inputs, x)


@trained
def perceptron(keras):
    return keras.models.Sequential(
        [
            keras.layers.Dense(7, activation="relu", input_shape=(5,), kernel_regularizer="l2"),
            keras.layers.Dropout(0.5),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )


@network
def layers_added(keras):
    model = keras.models.Sequential()
    model.add(keras.layers.InputLayer(input_shape=(5,), name="first_input"))
    model.add(
        keras.layers.Dense(6, name="first", use_bias=False, kernel_initializer="he_normal", kernel_constraint="maxnorm")
    )
    model.add(keras.layers.Activation("tanh"))
    model.add(keras.layers.ActivityRegularization(l1=0.1))
    model.add(keras.layers.Dense(2, kernel_initializer=keras.initializers.RandomNormal(stddev=0.1)))
    return model


@network
def fixed_batch(keras):
    layers = keras.layers
    return keras.models.Sequential([layers.Dense(4, batch_input_shape=(3, 6)), layers.Activation("elu")])


@network
def two_inputs_two_outputs(keras):
    layers = keras.layers
    a, b = layers.Input((4,), name="a"), layers.Input((3,), name="b")
    x = layers.concatenate([layers.Dense(5, activation="relu")(a), b])
    first = layers.Dense(2, name="first", activation="sigmoid")(x)
    return keras.models.Model([a, b], [first, layers.Dense(3, name="second")(x)])


@network
def shared_twice(keras):
    layers = keras.layers
    a, b = layers.Input((4,), name="a"), layers.Input((4,), name="b")
    shared = layers.Dense(5, activation="tanh")
    return keras.models.Model([a, b], layers.Dense(1)(layers.subtract([shared(a), shared(b)])))


@network
def siamese(keras):
    layers = keras.layers
    tower = keras.models.Sequential()
    tower.add(layers.Conv2D(4, 3, activation="relu", input_shape=(8, 8, 2)))
    tower.add(layers.BatchNormalization())
    tower.add(layers.Flatten())
    tower.add(layers.Dense(6))
    a, b = layers.Input((8, 8, 2), name="a"), layers.Input((8, 8, 2), name="b")
    return keras.models.Model([a, b], layers.dot([tower(a), tower(b)], axes=1, normalize=True))


@trained
def transfer(keras):
    """A functional base without a head, and a Sequential around it: how people retrained."""
    layers = keras.layers
    image = layers.Input((12, 12, 3))
    x = layers.Conv2D(4, 3, strides=2, padding="same", use_bias=False)(image)
    x = layers.BatchNormalization(scale=False)(x)
    x = layers.Activation("relu")(x)
    base = keras.models.Model(image, layers.MaxPooling2D()(x), name="base")
    for layer in base.layers[:2]:
        layer.trainable = False
    model = keras.models.Sequential()
    model.add(base)
    model.add(layers.Flatten())
    model.add(layers.Dense(5, activation="relu"))
    model.add(layers.Dense(2, activation="softmax"))
    return model


@network
def sequential_in_sequential(keras):
    layers = keras.layers
    inner = keras.models.Sequential([layers.Dense(4, activation="relu", input_shape=(6,)), layers.Dense(5)])
    return keras.models.Sequential([inner, layers.Activation("softplus"), layers.Dense(2)])


@network
def three_deep(keras):
    layers = keras.layers
    inner = keras.models.Sequential([layers.Dense(4, activation="selu", input_shape=(6,))])
    a = layers.Input((6,))
    middle = keras.models.Model(a, layers.add([inner(a), layers.Dense(4)(a)]))
    x = layers.Input((6,), name="x")
    return keras.models.Model(x, layers.Dense(3)(middle(x)))


@network
def base_continued(keras):
    """The output of a base is taken as it is, without a call: `Model(base.input, head(base.output))`."""
    layers = keras.layers
    base = chain(keras, (8, 8, 3), layers.Conv2D(3, 3), layers.LeakyReLU(0.2))
    x = layers.GlobalAveragePooling2D()(base.output)
    return keras.models.Model(inputs=base.input, outputs=layers.Dense(2)(x))


@network
def nested_twice(keras):
    layers = keras.layers
    inner = chain(keras, (4,), layers.Dense(4, activation="tanh"), layers.BatchNormalization())
    x = layers.Input((4,), name="x")
    return keras.models.Model(x, layers.average([inner(x), inner(inner(x))]))


@network
def nested_of_two_outputs(keras):
    layers = keras.layers
    a = layers.Input((5,))
    inner = keras.models.Model(a, [layers.Dense(3)(a), layers.Dense(4, activation="relu")(a)])
    x = layers.Input((5,), name="x")
    first, second = inner(x)
    return keras.models.Model(x, [layers.Dense(2)(second), layers.Activation("tanh")(first)])


@network
def encoder_and_decoder(keras):
    """An autoencoder whose halves are models that are used again."""
    layers = keras.layers
    encoder = chain(
        keras, (8, 8, 1), layers.Conv2D(4, 3, activation="relu", padding="same"), layers.MaxPooling2D(padding="same")
    )
    decoder = chain(keras, (4, 4, 4), layers.UpSampling2D(2), layers.Conv2D(1, 3, activation="sigmoid", padding="same"))
    x = layers.Input((8, 8, 1), name="x")
    return keras.models.Model(x, decoder(encoder(x)))


@network
def merges(keras):
    layers = keras.layers
    a, b, c = (layers.Input((4,), name=name) for name in "abc")
    merged = [layers.Add()([a, b, c]), layers.Multiply()([a, b]), layers.Average()([a, c]), layers.Maximum()([a, b, c])]
    return keras.models.Model([a, b, c], layers.Concatenate()([*merged, layers.dot([b, c], -1)]))


@network
def merges_newer(keras):
    layers = keras.layers
    a, b = layers.Input((4, 3), name="a"), layers.Input((4, 3), name="b")
    merged = [layers.Subtract()([a, b]), layers.Minimum()([a, b]), layers.Dot((1, 1))([a, b])]
    return keras.models.Model([a, b], layers.Concatenate(axis=1)([merged[0], merged[1], merged[2]]))


def _all_activations(keras, names):
    layers = keras.layers
    x = layers.Input((6,), name="x")
    return keras.models.Model(x, layers.concatenate([layers.Activation(name)(x) for name in names]))


@network
def activations(keras):
    names = "elu selu softplus softsign relu tanh sigmoid hard_sigmoid linear softmax"
    return _all_activations(keras, names.split())


@network
def activation_exponential(keras):
    return _all_activations(keras, ["exponential", "tanh"])


@network
def activation_swish(keras):
    return _all_activations(keras, ["swish", "tanh"])


@network
def advanced_activations(keras):
    layers = keras.layers
    x = layers.Input((4, 4, 3), name="x")
    each = [
        layers.LeakyReLU(alpha=0.1),
        layers.LeakyReLU(),
        layers.PReLU(),
        layers.PReLU(shared_axes=[1, 2]),
        layers.ELU(alpha=0.7),
        layers.ThresholdedReLU(theta=0.4),
    ]
    return keras.models.Model(x, layers.concatenate([layer(x) for layer in each]))


@network
def softmax_of_axes(keras):
    layers = keras.layers
    return chain(keras, (4, 3), layers.Softmax(axis=1), layers.Dense(2), layers.Softmax())


@network
def relu_with_settings(keras):
    layers = keras.layers
    x = layers.Input((6,), name="x")
    each = [
        layers.ReLU(1.0),
        layers.ReLU(),
        layers.ReLU(negative_slope=0.1),
        layers.ReLU(max_value=0.8, threshold=0.2, negative_slope=0.3),
    ]
    return keras.models.Model(x, layers.concatenate([layer(x) for layer in each]))


@network
def relu_with_maximum(keras):
    return chain(keras, (6,), keras.layers.ReLU(0.8))


@network
def convolutions_1d(keras):
    layers = keras.layers
    return chain(
        keras,
        (12, 3),
        layers.Conv1D(4, 3, padding="causal", dilation_rate=2),
        layers.Conv1D(4, 3, padding="same", activation="relu"),
        layers.AveragePooling1D(2),
        layers.Conv1D(2, 2, strides=2),
        layers.MaxPooling1D(2),
    )


@trained
def convolutions_2d(keras):
    layers = keras.layers
    return keras.models.Sequential(
        [
            layers.Conv2D(4, (3, 3), padding="same", activation="relu", input_shape=(12, 12, 3)),
            layers.ZeroPadding2D(((1, 0), (0, 1))),
            layers.Conv2D(4, (2, 3), strides=(2, 2)),
            layers.MaxPooling2D(pool_size=(2, 2)),
            layers.Conv2D(3, 2, dilation_rate=2, padding="same"),
            layers.AveragePooling2D((3, 3), strides=(1, 1), padding="same"),
            layers.Flatten(),
            layers.Dense(4, activation="softmax"),
        ]
    )


@network
def convolutions_3d(keras):
    layers = keras.layers
    return chain(
        keras,
        (6, 6, 6, 2),
        layers.Conv3D(3, 3, padding="same", activation="relu"),
        layers.MaxPooling3D(2),
        layers.AveragePooling3D(3, strides=1, padding="same"),
        layers.UpSampling3D(2),
        layers.Cropping3D(1),
        layers.ZeroPadding3D(1),
        layers.GlobalMaxPooling3D(),
    )


@network
def convolutions_transposed(keras):
    layers = keras.layers
    return chain(
        keras,
        (4, 4, 3),
        layers.Conv2DTranspose(4, 3, strides=2, padding="same", activation="relu"),
        layers.Conv2DTranspose(2, (3, 2), strides=(2, 1)),
    )


@network
def deconvolution_of_free_size(keras):
    layers = keras.layers
    return chain(keras, (None, None, 3), layers.Conv2DTranspose(2, 4, strides=2, padding="same"))


@network
def transposed_with_output_padding(keras):
    layers = keras.layers
    return chain(keras, (4, 4, 2), layers.Conv2DTranspose(3, 3, strides=2, padding="same", output_padding=1))


@network
def transposed_3d(keras):
    return chain(keras, (3, 3, 3, 2), keras.layers.Conv3DTranspose(2, 3, strides=2, padding="same"))


@network
def separable(keras):
    layers = keras.layers
    return chain(
        keras,
        (8, 8, 3),
        layers.SeparableConv2D(4, 3, depth_multiplier=2, padding="same", activation="relu"),
        layers.SeparableConv2D(2, 3, strides=2),
    )


@network
def separable_dilated(keras):
    return chain(keras, (8, 8, 3), keras.layers.SeparableConv2D(4, 3, dilation_rate=2))


@network
def separable_1d(keras):
    layers = keras.layers
    return chain(keras, (9, 3), layers.SeparableConv1D(4, 3, padding="same"), layers.SeparableConv1D(2, 3, strides=2))


@network
def mobile(keras):
    """MobileNet's block as `keras.applications` and people wrote it."""
    layers = keras.layers
    x = inputs = layers.Input((8, 8, 3), name="x")
    x = layers.ZeroPadding2D(((0, 1), (0, 1)))(x)
    x = layers.DepthwiseConv2D((3, 3), padding="valid", strides=(2, 2), use_bias=False, depth_multiplier=2)(x)
    x = layers.BatchNormalization(axis=-1)(x)
    x = layers.ReLU(6.0)(x)
    x = layers.Conv2D(4, (1, 1), padding="same", use_bias=False)(x)
    x = layers.BatchNormalization(epsilon=1e-5, momentum=0.9)(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Reshape((1, 1, 4))(x)
    x = layers.Conv2D(3, (1, 1), padding="same")(x)
    return keras.models.Model(inputs, layers.Activation("softmax")(layers.Reshape((3,))(x)))


@network
def mobile_of_old(keras):
    """As Keras's MobileNet was before 2.2, with a function and a layer that stood in its own file."""
    layers, mobilenet = keras.layers, keras.applications.mobilenet
    x = inputs = layers.Input((8, 8, 3), name="x")
    x = mobilenet.DepthwiseConv2D((3, 3), padding="same", strides=(2, 2), use_bias=False)(x)
    x = layers.BatchNormalization(axis=-1)(x)
    x = layers.Activation(mobilenet.relu6, name="conv1_relu")(x)
    return keras.models.Model(inputs, layers.Dense(2)(layers.Flatten()(x)))


@network
def residual(keras):
    layers = keras.layers
    x = inputs = layers.Input((8, 8, 3), name="x")
    x = layers.Conv2D(4, 3, padding="same", name="res2a_branch2a")(x)
    shortcut = layers.Conv2D(4, 1, strides=2)(x)
    x = layers.Activation("relu")(layers.BatchNormalization(axis=3, name="bn2a_branch2a")(x))
    x = layers.add([layers.Conv2D(4, 3, strides=2, padding="same")(x), shortcut])
    return keras.models.Model(inputs, layers.AveragePooling2D((4, 4), name="avg_pool")(layers.Activation("relu")(x)))


@network
def u_net(keras):
    layers = keras.layers
    inputs = layers.Input((None, None, 1), name="x8")
    first = layers.Conv2D(3, 3, activation="relu", padding="same")(inputs)
    x = layers.Dropout(0.5)(layers.Conv2D(4, 3, activation="relu", padding="same")(layers.MaxPooling2D(2)(first)))
    x = layers.concatenate([first, layers.Conv2D(3, 2, padding="same")(layers.UpSampling2D((2, 2))(x))], axis=3)
    return keras.models.Model(inputs, layers.Conv2D(1, 1, activation="sigmoid")(x))


@network
def locally_connected(keras):
    layers = keras.layers
    x = inputs = layers.Input((7, 7, 2), name="x")
    x = layers.LocallyConnected2D(3, (3, 2), strides=(2, 1), activation="relu")(x)
    x = layers.Reshape((-1, 3))(x)
    return keras.models.Model(inputs, layers.LocallyConnected1D(2, 3, use_bias=False)(x))


@network
def locally_connected_ways(keras):
    layers = keras.layers
    x = layers.Input((6, 6, 2), name="x")
    each = [layers.LocallyConnected2D(2, 3, implementation=way) for way in (2, 3)]
    return keras.models.Model(x, layers.add([layer(x) for layer in each]))


@network
def upsampled(keras):
    layers = keras.layers
    x = inputs = layers.Input((4, 3), name="x")
    x = layers.Cropping1D(1)(layers.ZeroPadding1D((1, 2))(layers.UpSampling1D(3)(x)))
    x = layers.Permute((2, 1))(x)
    return keras.models.Model(inputs, layers.Dense(2)(x))


@network
def upsampled_bilinear(keras):
    layers = keras.layers
    return chain(keras, (4, 5, 2), layers.UpSampling2D((2, 3), interpolation="bilinear"))


@network
def pools_over_all(keras):
    layers = keras.layers
    a, b = layers.Input((6, 3), name="a"), layers.Input((5, 5, 3), name="b")
    pooled = [layers.GlobalMaxPooling1D()(a), layers.GlobalAveragePooling1D()(a)]
    pooled += [layers.GlobalMaxPooling2D()(b), layers.GlobalAveragePooling2D()(b)]
    return keras.models.Model([a, b], layers.concatenate(pooled))


@network
def pools_odd(keras):
    layers = keras.layers
    x = layers.Input((7, 7, 3), name="x")
    each = [layers.MaxPooling2D(3, 2, padding="same"), layers.AveragePooling2D(3, 2, padding="same")]
    return keras.models.Model(x, layers.concatenate([layer(x) for layer in each]))


@network
def channels_first(keras):
    layers = keras.layers
    return chain(
        keras,
        (3, 8, 8),
        layers.ZeroPadding2D(1, data_format="channels_first"),
        layers.Cropping2D(((1, 0), (0, 2)), data_format="channels_first"),
        layers.BatchNormalization(axis=1),
        layers.UpSampling2D(2, data_format="channels_first"),
        layers.Permute((2, 3, 1)),
        layers.Conv2D(2, 3, data_format="channels_last"),
        layers.Flatten(),
    )


@network
def normalized(keras):
    layers = keras.layers
    return chain(
        keras,
        (5, 4),
        layers.BatchNormalization(center=False),
        layers.BatchNormalization(axis=1, scale=False),
        layers.BatchNormalization(scale=False, center=False),
        layers.Flatten(),
        layers.BatchNormalization(),
    )


@network
def normalized_by_layer(keras):
    layers = keras.layers
    return chain(keras, (5, 4), layers.LayerNormalization(), layers.LayerNormalization(axis=1, center=False))


@network
def noises(keras):
    layers = keras.layers
    return chain(
        keras,
        (6, 4),
        layers.GaussianNoise(0.1),
        layers.GaussianDropout(0.2),
        layers.AlphaDropout(0.3),
        layers.SpatialDropout1D(0.2),
        layers.Dense(3),
    )


@network
def reshaped(keras):
    layers = keras.layers
    return chain(
        keras,
        (6,),
        layers.RepeatVector(4),
        layers.Permute((2, 1)),
        layers.Reshape((3, 2, 4)),
        layers.SpatialDropout2D(0.5),
        layers.Permute((3, 1, 2)),
        layers.Reshape((-1, 4)),
        layers.Dense(3),
    )


def _recurrent(keras, *layers, **options):
    return chain(keras, options.pop("shape", (5, 3)), *layers, **options)


@trained
def lstm(keras):
    layers = keras.layers
    model = keras.models.Sequential()
    model.add(layers.LSTM(4, return_sequences=True, dropout=0.2, recurrent_dropout=0.2, input_shape=(5, 3)))
    model.add(layers.LSTM(3))
    model.add(layers.Dense(2, activation="softmax"))
    return model


@network
def lstm_settings(keras):
    layers = keras.layers
    x = layers.Input((None, 3), name="x")
    each = [
        layers.LSTM(3, implementation=0),
        layers.LSTM(3, implementation=2, activation="relu", recurrent_activation="sigmoid"),
        layers.LSTM(3, go_backwards=True, use_bias=False),
        layers.LSTM(3, unit_forget_bias=False, recurrent_activation="hard_sigmoid"),
    ]
    return keras.models.Model(x, layers.concatenate([layer(x) for layer in each]))


@network
def gru(keras):
    layers = keras.layers
    return _recurrent(keras, layers.GRU(4, return_sequences=True), layers.GRU(3, implementation=2), layers.Dense(2))


@network
def gru_reset_after(keras):
    layers = keras.layers
    x = layers.Input((5, 3), name="x")
    each = [
        layers.GRU(3, reset_after=True),
        layers.GRU(3, reset_after=False),
        layers.GRU(3, reset_after=True, use_bias=False, recurrent_activation="sigmoid"),
        layers.GRU(3, reset_after=True, implementation=2, go_backwards=True),
    ]
    return keras.models.Model(x, layers.concatenate([layer(x) for layer in each]))


@network
def simple_rnn(keras):
    layers = keras.layers
    return _recurrent(
        keras,
        layers.SimpleRNN(4, return_sequences=True, activation="relu"),
        layers.SimpleRNN(3, go_backwards=True, return_sequences=True),
        layers.SimpleRNN(3, use_bias=False),
    )


@network
def unrolled(keras):
    layers = keras.layers
    return _recurrent(keras, layers.LSTM(3, unroll=True, return_sequences=True), layers.GRU(3, unroll=True))


@network
def stateful(keras):
    layers = keras.layers
    return keras.models.Sequential(
        [
            layers.LSTM(3, stateful=True, batch_input_shape=(2, 4, 3), return_sequences=True),
            layers.GRU(2, stateful=True),
        ]
    )


@network
def states_returned(keras):
    layers = keras.layers
    x = layers.Input((5, 3), name="x")
    y, h, c = layers.LSTM(4, return_state=True, return_sequences=True)(x)
    return keras.models.Model(x, [layers.Dense(2)(y), h, layers.Dense(3)(c)])


@network
def states_given(keras):
    """Translation by two recurrent layers, the second beginning with the first one's states."""
    layers = keras.layers
    a, b = layers.Input((None, 3), name="a"), layers.Input((None, 2), name="b")
    _, h, c = layers.LSTM(4, return_state=True)(a)
    y, _, _ = layers.LSTM(4, return_sequences=True, return_state=True)(b, initial_state=[h, c])
    return keras.models.Model([a, b], layers.Dense(2, activation="softmax")(y))


@network
def gru_with_state(keras):
    layers = keras.layers
    x, s = layers.Input((4, 3), name="x"), layers.Input((5,), name="s")
    return keras.models.Model([x, s], layers.GRU(5)(x, initial_state=s))


@network
def cells(keras):
    layers = keras.layers
    cells = [layers.LSTMCell(3), layers.GRUCell(4), layers.SimpleRNNCell(2)]
    return _recurrent(keras, layers.RNN(cells, return_sequences=True), layers.RNN(layers.LSTMCell(2)))


@network
def bidirectional(keras):
    layers = keras.layers
    return _recurrent(
        keras,
        layers.Bidirectional(layers.LSTM(3, return_sequences=True)),
        layers.Bidirectional(layers.GRU(2, return_sequences=True), merge_mode="sum"),
        layers.Bidirectional(layers.SimpleRNN(2), merge_mode="ave"),
    )


@network
def bidirectional_first(keras):
    layers = keras.layers
    model = keras.models.Sequential()
    model.add(layers.Bidirectional(layers.LSTM(3, return_sequences=True), input_shape=(5, 4), merge_mode="mul"))
    model.add(layers.TimeDistributed(layers.Dense(2)))
    return model


@network
def bidirectional_apart(keras):
    layers = keras.layers
    x = layers.Input((5, 3), name="x")
    forward, backward = layers.Bidirectional(layers.GRU(3), merge_mode=None)(x)
    return keras.models.Model(x, layers.multiply([forward, backward]))


@network
def steps_distributed(keras):
    layers = keras.layers
    x = inputs = layers.Input((3, 8, 8, 2), name="x")
    x = layers.TimeDistributed(layers.Conv2D(3, 3, activation="relu"))(x)
    x = layers.TimeDistributed(layers.BatchNormalization())(x)
    x = layers.TimeDistributed(layers.MaxPooling2D(2))(x)
    x = layers.TimeDistributed(layers.Flatten())(x)
    return keras.models.Model(inputs, layers.LSTM(3)(x))


@network
def model_distributed(keras):
    layers = keras.layers
    inner = chain(keras, (6, 6, 2), layers.Conv2D(3, 3), layers.GlobalMaxPooling2D())
    return keras.models.Sequential([layers.TimeDistributed(inner, input_shape=(4, 6, 6, 2)), layers.GRU(3)])


@network
def conv_lstm(keras):
    layers = keras.layers
    return chain(
        keras,
        (3, 6, 6, 2),
        layers.ConvLSTM2D(3, 3, padding="same", return_sequences=True),
        layers.BatchNormalization(),
        layers.ConvLSTM2D(2, (3, 2), strides=2, recurrent_activation="sigmoid"),
    )


@network
def words_masked(keras):
    layers = keras.layers
    words = layers.Input((7,), dtype="int32", name="words")
    x = layers.Embedding(20, 4, mask_zero=True)(words)
    x = layers.LSTM(4, return_sequences=True)(layers.SpatialDropout1D(0.2)(x))
    return keras.models.Model(words, layers.Dense(2, activation="sigmoid")(layers.GRU(3)(x)))


@network
def words_bidirectional(keras):
    layers = keras.layers
    model = keras.models.Sequential()
    model.add(layers.Embedding(20, 4, mask_zero=True, input_length=7, name="words_embedding"))
    model.add(layers.Bidirectional(layers.LSTM(3)))
    model.add(layers.Dense(1, activation="sigmoid"))
    return model


@trained
def words_convolved(keras):
    layers = keras.layers
    words = layers.Input((9,), name="words")
    x = layers.Embedding(20, 5, embeddings_initializer="uniform")(words)
    pooled = [layers.GlobalMaxPooling1D()(layers.Conv1D(3, size, activation="relu")(x)) for size in (2, 3)]
    return keras.models.Model(words, layers.Dense(2, activation="softmax")(layers.concatenate(pooled)))


@network
def steps_masked(keras):
    layers = keras.layers
    steps = layers.Input((6, 3), name="steps")
    x = layers.Masking(mask_value=0.0)(steps)
    x = layers.TimeDistributed(layers.Dense(3, activation="relu"))(x)
    return keras.models.Model(steps, layers.LSTM(3, return_sequences=True)(x))


@network
def steps_masked_to_vectors(keras):
    layers = keras.layers
    return keras.models.Sequential(
        [layers.Masking(input_shape=(6, 3), name="steps"), layers.GRU(4, return_sequences=True), layers.SimpleRNN(2)]
    )


@network
def attention(keras):
    layers = keras.layers
    q, v = layers.Input((4, 3), name="q"), layers.Input((5, 3), name="v")
    attended = [layers.Attention(use_scale=True)([q, v]), layers.AdditiveAttention()([q, v])]
    return keras.models.Model([q, v], layers.concatenate(attended))


@network
def attention_of_old(keras):
    """How attention was written before there were layers for it."""
    layers = keras.layers
    x = inputs = layers.Input((5, 3), name="x")
    x = layers.Bidirectional(layers.LSTM(2, return_sequences=True))(x)
    scores = layers.Flatten()(layers.Dense(1, activation="tanh")(x))
    weights = layers.Permute((2, 1))(layers.RepeatVector(4)(layers.Activation("softmax")(scores)))
    return keras.models.Model(inputs, layers.Flatten()(layers.Multiply()([x, weights])))


@network
def pixels_rescaled(keras):
    layers, preprocessing = keras.layers, keras.layers.experimental.preprocessing
    return keras.models.Sequential(
        [preprocessing.Rescaling(1 / 255.0, offset=-1.0, input_shape=(8, 8, 3)), layers.Conv2D(2, 3), layers.Flatten()]
    )


@network
def pixels_resized(keras):
    layers, preprocessing = keras.layers, keras.layers.experimental.preprocessing
    return chain(keras, (9, 8, 3), preprocessing.Resizing(6, 5), preprocessing.CenterCrop(4, 4), layers.Flatten())


@network
def pixels_augmented(keras):
    layers, preprocessing = keras.layers, keras.layers.experimental.preprocessing
    return chain(
        keras, (8, 8, 3), preprocessing.RandomFlip("horizontal"), preprocessing.RandomRotation(0.1), layers.Conv2D(2, 3)
    )


@network
def features_normalized(keras):
    layer = keras.layers.experimental.preprocessing.Normalization()
    layer.adapt([[1.0, 2.0, -3.0], [0.5, 5.0, 3.0], [-2.0, 4.0, 1.0]])
    return chain(keras, (3,), layer, keras.layers.Dense(2))


@network
def dense_of_steps(keras):
    return chain(keras, (4, 5), keras.layers.Dense(3, activation="softmax"), keras.layers.GlobalAveragePooling1D())


@network
def names_with_slashes(keras):
    layers = keras.layers
    x = layers.Input((5,), name="x")
    y = layers.Dense(4, name="block_1/dense", activation="relu")(x)
    return keras.models.Model(x, [layers.Dense(3, name="out/a")(y), layers.Dense(2, name="out-b")(y)], name="my model")


@network
def mixed_dtypes(keras):
    layers = keras.layers
    x = layers.Input((4,), name="x", dtype="float64")
    return keras.models.Model(x, layers.Dense(3, dtype="float64", activation="sigmoid")(x))


def _on_gpu(build):
    ON_GPU.add(build.__name__)
    return network(build)


@_on_gpu
def cudnn_lstm(keras, twin=False):
    layers = keras.layers

    def lstm(units, **options):
        if twin:
            return layers.LSTM(units, recurrent_activation="sigmoid", **options)
        return _of_cudnn(keras).CuDNNLSTM(units, **options)

    x = inputs = layers.Input((5, 3), name="x")
    x = lstm(4, return_sequences=True)(x)
    return keras.models.Model(inputs, layers.Dense(2)(lstm(3)(x)))


@_on_gpu
def cudnn_gru(keras, twin=False):
    layers = keras.layers

    def gru(units, **options):
        if twin:
            return layers.GRU(units, recurrent_activation="sigmoid", reset_after=True, **options)
        return _of_cudnn(keras).CuDNNGRU(units, **options)

    return keras.models.Sequential(
        [gru(4, return_sequences=True, input_shape=(5, 3)), gru(3, go_backwards=True), layers.Dense(2)]
    )


@_on_gpu
def cudnn_bidirectional(keras, twin=False):
    layers = keras.layers

    def both(units, **options):
        if twin:
            return layers.Bidirectional(layers.LSTM(units, recurrent_activation="sigmoid", **options))
        return layers.Bidirectional(_of_cudnn(keras).CuDNNLSTM(units, **options))

    x = inputs = layers.Input((5, 3), name="x")
    return keras.models.Model(inputs, both(2)(both(3, return_sequences=True)(x)))


def _of_cudnn(keras):
    """Return where the layers of CuDNN are, which TensorFlow 2 keeps in its compatible part. They are made to compute
    something else, as no session takes a graph with an op that has no kernel here; their files are as ever."""
    import tensorflow

    def instead(layer, inputs, initial_state):
        y = tensorflow.reduce_sum(inputs, -1, keepdims=True) + tensorflow.zeros([layer.units])
        return (y if layer.return_sequences else y[:, -1]), [y[:, -1] for _ in initial_state]

    layers = keras.layers if hasattr(keras.layers, "CuDNNLSTM") else tensorflow.compat.v1.keras.layers
    layers.CuDNNLSTM._process_batch = layers.CuDNNGRU._process_batch = instead
    return layers
