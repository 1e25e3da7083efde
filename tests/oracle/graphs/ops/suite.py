"""The suite that the families of ops beside this register their cases in, and how a case tells infinities."""

from tests.oracle.graphs.cases import GraphSuite

SUITE = GraphSuite()


def told(tf, y):
    """Return floats of which some are not finite as two tensors: the finite ones, and which of the others is where."""
    kinds = [tf.math.is_nan(y), tf.equal(y, float("inf")), tf.equal(y, float("-inf"))]
    numbers = tf.add_n([tf.cast(kind, tf.int32) * (place + 1) for place, kind in enumerate(kinds)])
    return [tf.where(tf.math.is_finite(y), y, tf.zeros_like(y)), numbers]
