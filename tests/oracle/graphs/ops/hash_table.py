"""Tables: made by an initializer, looked up by keys. TensorFlow 1 has ops of its own for them."""

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import integers, normal, words
from tests.oracle.graphs.ops.suite import SUITE

family = Family(SUITE, __name__)
op = family.op

KEYS, VALUES = ["apple", "pear", "plum"], [10, 20, 30]
_fruit = words([*KEYS, "nail"], 6)


def _filled(tf, keys, values):
    return tf.lookup.KeyValueTensorInitializer(keys, values)


def _strings_to_int64(tf):
    return tf.lookup.StaticHashTable(_filled(tf, KEYS, tf.constant(VALUES, tf.int64)), -1)


def _old_table(tf, fill):
    raw = tf.raw_ops
    table = raw.HashTable(key_dtype=tf.string, value_dtype=tf.int64, shared_name="fruit")
    keys, values = tf.constant(KEYS), tf.constant(VALUES, tf.int64)
    if fill == "InitializeTable":
        operation = raw.InitializeTable(table_handle=table, keys=keys, values=values)
    else:
        operation = raw.LookupTableImport(table_handle=table, keys=keys, values=values)
    tf.compat.v1.add_to_collection(tf.compat.v1.GraphKeys.TABLE_INITIALIZERS, operation)
    return table


def _find(tf, table, keys):
    return tf.raw_ops.LookupTableFind(table_handle=table, keys=keys, default_value=tf.constant(-1, tf.int64))


op(
    "HashTable",
    lambda tf, x: _find(tf, _old_table(tf, "InitializeTable"), x),
    "filled-by-InitializeTable",
    writer="tf1",
    also=("InitializeTable", "LookupTableFind"),
    x=_fruit,
)
op(
    "HashTable",
    lambda tf, x: _find(tf, _old_table(tf, "LookupTableImport"), x),
    "filled-by-LookupTableImport",
    writer="tf1",
    also=("LookupTableImport",),
    x=_fruit,
)
op(
    "LookupTableSize",
    lambda tf, x: x + tf.cast(tf.raw_ops.LookupTableSize(table_handle=_old_table(tf, "InitializeTable")), "float32"),
    writer="tf1",
    x=normal(2, 3),
)
op(
    "LookupTableImportV2",
    lambda tf, x: _strings_to_int64(tf).lookup(x),
    writer="tf1",
    also=("HashTableV2", "LookupTableFindV2"),
    x=_fruit,
)

op(
    "HashTableV2",
    lambda tf, x, table: table.lookup(x),
    table=_strings_to_int64,
    also=("LookupTableImportV2", "LookupTableFindV2"),
    x=_fruit,
)
op(
    "LookupTableFindV2",
    lambda tf, x, table: table.lookup(x),
    "matrix",
    table=_strings_to_int64,
    x=words([*KEYS, "nail"], 3, 4),
)
op(
    "LookupTableFindV2",
    lambda tf, x, table: table.lookup(x),
    "int64-to-int64",
    table=lambda tf: tf.lookup.StaticHashTable(
        _filled(tf, tf.constant([3, 5, 7], tf.int64), tf.constant(VALUES, tf.int64)), -1
    ),
    x=integers(3, 8, 6).typed("int64"),
)
op(
    "LookupTableFindV2",
    lambda tf, x, table: table.lookup(x),
    "int64-to-strings",
    table=lambda tf: tf.lookup.StaticHashTable(_filled(tf, tf.constant([3, 5, 7], tf.int64), tf.constant(KEYS)), "?"),
    x=integers(3, 8, 6).typed("int64"),
)
op(
    "LookupTableFindV2",
    lambda tf, x, table: table.lookup(x),
    "strings-to-floats",
    table=lambda tf: tf.lookup.StaticHashTable(_filled(tf, KEYS, [0.5, 1.5, 2.5]), -1.0),
    x=_fruit,
)
op(
    "LookupTableFindV2",
    lambda tf, x, table: table.lookup(x),
    "strings-to-strings",
    table=lambda tf: tf.lookup.StaticHashTable(_filled(tf, KEYS, ["Apfel", "Birne", "Pflaume"]), "?"),
    x=_fruit,
)
op("LookupTableFindV2", lambda tf, x, table: table.lookup(x), "nothing", table=_strings_to_int64, x=_fruit.then(0))
op(
    "LookupTableFindV2",
    lambda tf, x, table: table.lookup(x),
    "no-numbers",
    table=lambda tf: tf.lookup.StaticHashTable(
        _filled(tf, tf.constant([3, 5, 7], tf.int64), tf.constant(VALUES, tf.int64)), -1
    ),
    x=integers(3, 8, 0).then(3).typed("int64"),
)
op(
    "LookupTableSizeV2",
    lambda tf, x, table: x + tf.cast(table.size(), "float32"),
    table=_strings_to_int64,
    x=normal(2, 3),
)
op(
    "LookupTableFindV2",
    lambda tf, x, n, table: tf.cond(tf.reduce_sum(n) > 0, lambda: table.lookup(x), lambda: -table.lookup(x)),
    "in-a-branch",
    table=_strings_to_int64,
    x=_fruit,
    n=normal(1),
    refused=("table", "branch"),
)
op("InitializeTableV2", lambda tf, x: _with_v2(tf, x), writer="tf1", also=("LookupTableFindV2",), x=_fruit)


def _with_v2(tf, x):
    raw = tf.raw_ops
    table = raw.HashTableV2(key_dtype=tf.string, value_dtype=tf.int64, shared_name="fruit")
    fill = raw.InitializeTableV2(table_handle=table, keys=tf.constant(KEYS), values=tf.constant(VALUES, tf.int64))
    tf.compat.v1.add_to_collection(tf.compat.v1.GraphKeys.TABLE_INITIALIZERS, fill)
    return raw.LookupTableFindV2(table_handle=table, keys=x, default_value=tf.constant(-1, tf.int64))
