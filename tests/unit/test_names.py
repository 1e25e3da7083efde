"""Models' names: what they become, and which are refused."""

from __future__ import annotations

import re

import pytest

from tfjs_build.names import MAX_LENGTH, Identifiers, claims, identifiers, problem, proposal


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("my-net", Identifiers("loadMyNet", "MyNet", "myNetLabels", "my-net")),
        ("digits", Identifiers("loadDigits", "Digits", "digitsLabels", "digits")),
        ("mobileNet", Identifiers("loadMobileNet", "MobileNet", "mobileNetLabels", "mobileNet")),
        ("MyNet", Identifiers("loadMyNet", "MyNet", "myNetLabels", "MyNet")),
        ("VGG16", Identifiers("loadVGG16", "VGG16", "vgg16Labels", "VGG16")),
        ("HTMLParser", Identifiers("loadHTMLParser", "HTMLParser", "htmlParserLabels", "HTMLParser")),
        ("X-ray", Identifiers("loadXRay", "XRay", "xRayLabels", "X-ray")),
        ("resnet_50", Identifiers("loadResnet50", "Resnet50", "resnet50Labels", "resnet_50")),
        ("net.d", Identifiers("loadNetD", "NetD", "netDLabels", "net-d")),
        ("a", Identifiers("loadA", "A", "aLabels", "a")),
    ],
)
def test_identifiers(name: str, expected: Identifiers) -> None:
    assert identifiers(name) == expected
    assert problem(name) == ""


@pytest.mark.parametrize(
    ("name", "said", "proposed"),
    [
        ("class", "is a reserved word in JavaScript", "class-model"),
        ("Default", "is a reserved word in JavaScript", "Default-model"),
        ("3d", "begins with a digit, which no JavaScript name does", "model-3d"),
        ("_runtime", "is the module that the stubs share", "runtime"),
        ("CON", "is a device in Windows, where no file or folder can have this name", "CON-model"),
        ("com1.v2", "is a device in Windows, where no file or folder can have this name", "com1-v2"),
        ("Promise", "would give the stub a type `Promise`", "Promise-model"),
        ("float32-array", "would give the stub a type `Float32Array`", "float32-array-model"),
        ("graph-model", "would give the stub a type `GraphModel`", "my-graph-model"),
        ("..", "cannot name a model", "model"),
        ("a/b", "cannot name a model", "a-b"),
        ("net\n", "cannot name a model", "net"),
        ("-net", "cannot name a model", "net"),
        ("net.", "cannot name a model", "net"),
        ("é", "cannot name a model", "e"),
        ("数字", "cannot name a model", "model"),
        ("٣d", "cannot name a model", "d"),
        ("", "cannot name a model", "model"),
        ("a" * (MAX_LENGTH + 1), "is too long for a model's name", "a" * (MAX_LENGTH - 10)),
    ],
)
def test_names_that_no_model_can_have(name: str, said: str, proposed: str) -> None:
    assert problem(name).startswith(said)
    assert proposal(name) == proposed
    assert problem(proposed) == ""


def test_a_proposal_avoids_the_names_that_are_taken() -> None:
    assert proposal("my_net", ["my-net", "my_net-2", "MyNet3"]) == "my_net-4"


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("my-net", "my_net", {"loadMyNet", "MyNet", "myNetLabels"}),
        ("net.d", "net-d", {"loadNetD", "NetD", "netDLabels", "file net-d"}),
        ("mobilenet", "mobileNet", {"file mobilenet"}),
        ("load-cats", "cats-labels", {"loadCatsLabels"}),
        ("cats", "dogs", set()),
    ],
)
def test_claims(one: str, other: str, shared: set[str]) -> None:
    assert claims(one).keys() & claims(other).keys() == shared


def test_identifiers_are_identifiers() -> None:
    for name in ("a", "A", "a1", "a-1", "Z.9_x", "x--y", "camelCase", "ALLCAPS", "a" * MAX_LENGTH):
        made = identifiers(name)
        assert all(re.fullmatch("[A-Za-z][A-Za-z0-9]*", word) for word in (made.load, made.type, made.labels))
        assert made.labels[0].islower()
        assert re.fullmatch("[A-Za-z0-9_-]+", made.file)
