"""Which of a checkpoint's tensors belongs to which object of a SavedModel."""

from __future__ import annotations

from tfjs_build.convert.saved_model.messages import message_class
from tfjs_build.convert.saved_model.objects import keys_of_objects

VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"


def test_keys_are_ways_through_the_objects() -> None:
    children = [{"layers": 1, "a/b": 4}, {"0": 2, "1": 3}, {"kernel": 4, "..S.": 5}, {"kernel": 6}, {}, {}, {}]
    objects = message_class("SavedObjectGraph")()
    for names in children:
        node = objects.nodes.add()
        for name, number in names.items():
            node.children.add(local_name=name, node_id=number)
    keys = [
        "_CHECKPOINTABLE_OBJECT_GRAPH",
        "layers/0/kernel" + VALUE,
        "layers/1/kernel" + VALUE,
        "layers/1/bias" + VALUE,  # no such object
        "layers/0/....S.." + VALUE,  # dots are doubled, and a slash is `.S`
        "a.Sb" + VALUE,  # another way to the first kernel
        "layers/0/kernel/.OPTIMIZER_SLOT/m" + VALUE,
        "layers/0" + VALUE + "/more",
    ]
    assert keys_of_objects(objects, keys) == {4: keys[1], 6: keys[2], 5: "layers/0/....S.." + VALUE}
