"""Edits of protobuf messages, field by field: of any by its descriptor, and of graphs' nodes by what they mean."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from google.protobuf import descriptor, message

from tests.fuzz.edits import odd, raw
from tfjs_build.convert.saved_model.messages import message_class

_Field = descriptor.FieldDescriptor


def edit(name: str) -> Callable[[bytes, Random], bytes]:
    """Return the edit of a message called `name`; what cannot be parsed as one is changed as bytes."""

    def changed(data: bytes, random: Random) -> bytes:
        if random.random() < 0.05:
            return raw.edit(data, random)
        try:
            found = message_class(name).FromString(data)
        except message.DecodeError:
            return raw.edit(data, random)
        everything = _all(found)
        nodes = [each for each in everything if each.DESCRIPTOR.name == "NodeDef"]
        try:
            if nodes and random.random() < 0.6:
                _edit_node(random.choice(nodes), nodes, random)
            else:
                edit_message(random.choice(everything), everything, random)
            return bytes(found.SerializeToString())
        except (ValueError, TypeError, message.EncodeError):  # text that is none, numbers out of range
            return raw.edit(data, random)

    return changed


def edit_message(found: Any, others: list[Any], random: Random) -> None:
    """Change one field of a message; `others` are where messages of the same type are taken from."""
    field = random.choice(found.DESCRIPTOR.fields or [None])
    if field is None:
        return
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        _edit_map(getattr(found, field.name), field, others, random)
    elif _is_repeated(field):
        _edit_repeated(getattr(found, field.name), field, others, random)
    elif random.random() < 0.2:
        found.ClearField(field.name)
    elif field.message_type is not None:
        same = [each for each in others if field.message_type == each.DESCRIPTOR]
        if same and random.random() < 0.7:
            getattr(found, field.name).CopyFrom(_copied(random.choice(same)))
        else:
            getattr(found, field.name).SetInParent()
    else:
        setattr(found, field.name, _scalar(field, others, random))


def _is_repeated(field: Any) -> bool:
    return bool(field.is_repeated if hasattr(field, "is_repeated") else field.label == _Field.LABEL_REPEATED)


def _all(root: Any) -> list[Any]:
    found, left = [], [root]
    while left:
        each = left.pop()
        found.append(each)
        for field, value in each.ListFields():
            if field.message_type is None:
                continue
            if field.message_type.GetOptions().map_entry:
                left += [item for item in value.values() if isinstance(item, message.Message)]
            else:
                left += list(value) if _is_repeated(field) else [value]
    return found


def _copied(found: Any) -> Any:
    """Return a copy, which may go into the message that it was taken from."""
    copy = type(found)()
    copy.CopyFrom(found)
    return copy


def _scalar(field: Any, others: list[Any], random: Random) -> Any:
    kind = field.cpp_type
    if kind == _Field.CPPTYPE_BOOL:
        return random.random() < 0.5
    if kind == _Field.CPPTYPE_ENUM:
        return random.choice((0, 1, 2, 3, 4, 7, 9, 10, 14, 19, 20, 21, 23, 99, 101, 2**31 - 1))
    if kind in (_Field.CPPTYPE_FLOAT, _Field.CPPTYPE_DOUBLE):
        return random.choice(odd.FLOATS)
    if kind == _Field.CPPTYPE_STRING:
        if field.type == _Field.TYPE_BYTES:
            return odd.data(random)
        names = [each.name for each in others if "name" in each.DESCRIPTOR.fields_by_name]
        return random.choice(names) if names and random.random() < 0.6 else odd.text(random)
    value = random.choice(odd.INTEGERS)
    bits = 31 if kind in (_Field.CPPTYPE_INT32, _Field.CPPTYPE_UINT32) else 63
    least = 0 if kind in (_Field.CPPTYPE_UINT32, _Field.CPPTYPE_UINT64) else -(1 << bits)
    return max(least, min(value, (1 << bits) - 1))


def _edit_repeated(values: Any, field: Any, others: list[Any], random: Random) -> None:
    choice = random.randrange(4)
    if choice == 0 and len(values):
        del values[random.randrange(len(values))]
    elif field.message_type is not None:
        same = [each for each in others if field.message_type == each.DESCRIPTOR]
        if choice == 1 and len(values) > 1:
            kept = [_copied(each) for each in values]
            random.shuffle(kept)
            del values[:]
            values.extend(kept)
        elif same:
            values.add().CopyFrom(_copied(random.choice(same)))
        else:
            values.add()
    elif choice == 1 and len(values):
        values[random.randrange(len(values))] = _scalar(field, others, random)
    elif choice == 2 and len(values):
        values.append(random.choice(list(values)))
    else:
        values.append(_scalar(field, others, random))


def _edit_map(values: Any, field: Any, others: list[Any], random: Random) -> None:
    value = field.message_type.fields_by_name["value"]
    keys = sorted(values)
    choice = random.randrange(3)
    if choice == 0 and keys:
        del values[random.choice(keys)]
        return
    key = random.choice(keys) if keys and choice == 1 else odd.text(random)
    if value.message_type is None:
        values[key] = _scalar(value, others, random)
        return
    same = [each for each in others if value.message_type == each.DESCRIPTOR]
    if same:
        values[key].CopyFrom(_copied(random.choice(same)))


def _edit_node(node: Any, nodes: list[Any], random: Random) -> None:
    other = random.choice(nodes)
    choice = random.randrange(9)
    if choice == 0 and node.input:
        del node.input[random.randrange(len(node.input))]
    elif choice == 1:
        node.input.append(_reference(other, random))
    elif choice == 2 and node.input:
        node.input[random.randrange(len(node.input))] = _reference(other, random)
    elif choice == 3 and len(node.input) > 1:
        inputs = list(node.input)
        random.shuffle(inputs)
        node.input[:] = inputs
    elif choice == 4:
        node.op = other.op
    elif choice == 5:
        node.name = random.choice((other.name, odd.text(random), f"{other.name}/x"))
    elif choice == 6:
        node.CopyFrom(_copied(other))
    else:
        _edit_attribute(node, other, random)


def _reference(node: Any, random: Random) -> str:
    """Return a reference to a node: its output, one that it may not have, that of a function's node, or its control."""
    name = node.name
    return random.choice(
        (name, name, f"{name}:1", f"{name}:999", f"{name}:y:0", f"^{name}", f"{name}x", odd.text(random))
    )


def _edit_attribute(node: Any, other: Any, random: Random) -> None:
    keys = sorted(node.attr)
    if not keys:
        return
    key = random.choice(keys)
    attribute = node.attr[key]
    kind = attribute.WhichOneof("value")
    choice = random.randrange(6)
    if choice == 0:
        del node.attr[key]
    elif choice == 1 and other.attr:
        attribute.CopyFrom(_copied(other.attr[random.choice(sorted(other.attr))]))
    elif kind == "tensor" and choice < 5:
        _edit_tensor(attribute.tensor, random)
    elif kind == "shape" and choice < 5:
        _edit_shape(attribute.shape, random)
    elif kind == "list" and choice < 5:
        field = random.choice(attribute.list.DESCRIPTOR.fields)
        edit_message(attribute.list, [attribute.list], random)
        if random.random() < 0.3:
            attribute.list.ClearField(field.name)
    elif kind == "func":
        attribute.func.name = random.choice((odd.text(random), attribute.func.name + "x"))
    elif kind is not None and choice < 5:
        edit_value(attribute, kind, random)
    else:
        attribute.Clear()
        edit_value(attribute, random.choice(("i", "s", "f", "b", "type")), random)


def edit_value(attribute: Any, kind: str, random: Random) -> None:
    """Give an attribute another value of a kind."""
    if kind == "s":
        attribute.s = odd.data(random)
    elif kind == "i":
        attribute.i = random.choice(odd.INTEGERS)
    elif kind == "f":
        attribute.f = random.choice(odd.FLOATS)
    elif kind == "b":
        attribute.b = not attribute.b
    elif kind == "type":
        attribute.type = random.choice((0, 1, 2, 3, 7, 8, 9, 10, 14, 19, 20, 21, 23, 99, 101))


def _edit_tensor(tensor: Any, random: Random) -> None:
    choice = random.randrange(5)
    if choice == 0:
        tensor.dtype = random.choice((0, 1, 2, 3, 7, 8, 9, 10, 14, 19, 20, 21, 99))
    elif choice in (1, 2):
        _edit_shape(tensor.tensor_shape, random)
    elif choice == 3:
        tensor.tensor_content = raw.edit(tensor.tensor_content, random)
    else:
        edit_message(tensor, [tensor], random)


def _edit_shape(shape: Any, random: Random) -> None:
    choice = random.randrange(4)
    if choice == 0 and shape.dim:
        del shape.dim[random.randrange(len(shape.dim))]
    elif choice == 1:
        shape.unknown_rank = not shape.unknown_rank
    elif choice == 2 and shape.dim:
        random.choice(list(shape.dim)).size = random.choice((-1, 0, 1, 2, 5, -7, 1000, 2**31, 2**62, -(2**63)))
    else:
        for _ in range(random.choice((1, 1, 1, 300))):
            shape.dim.add().size = random.choice((-1, 0, 1, 2, 3, 10**6))
