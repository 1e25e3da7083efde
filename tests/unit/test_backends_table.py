"""The table of what backends cannot do: made of what was seen of single probes, for the TensorFlow.js of the tests."""

from __future__ import annotations

import json

from tests.support.project import REPOSITORY
from tfjs_build.convert.graph.backends import BACKENDS, TABLE_FILE
from tfjs_build.convert.graph.ops import tfjs_op, tfjs_ops
from tfjs_build.convert.graph.traits import Traits
from tools.backends.families import NOT_PROBED, all_probes
from tools.backends.table import merged, rows, text_of

WRONG, THROWS = "wrong", "throws"


def test_what_is_wrong_everywhere_is_one_row() -> None:
    seen = [("wasm", Traits("Real", "", "complex64", rank), "no kernel") for rank in (0, 3, 7)]
    assert rows(seen) == {"Real": [{"backend": "wasm", "how": "no kernel"}]}


def test_what_is_right_is_not_there() -> None:
    assert rows([("cpu", Traits("Neg", "", "float32", 2), None)]) == {}


def test_what_is_wrong_somewhere_says_where() -> None:
    seen = [
        ("webgl", Traits("Pad", "", "float32", 4), None),
        ("webgl", Traits("Pad", "", "float32", 5), THROWS),
        ("webgl", Traits("Pad", "", "float32", 6), THROWS),
        ("webgl", Traits("Pad", "empty", "int32", 2), WRONG),
        ("webgpu", Traits("Pad", "", "float32", 5), None),
    ]
    assert rows(seen) == {
        "Pad": [
            {"backend": "webgl", "how": THROWS, "form": "", "dtype": "float32", "ranks": [5, 6]},
            {"backend": "webgl", "how": WRONG, "form": "empty", "dtype": "int32", "ranks": [2]},
        ]
    }


def test_wrong_numbers_count_before_errors() -> None:
    each = Traits("Cumsum", "", "int32", 2)
    seen = [("webgpu", each, None), ("webgpu", each, THROWS), ("webgpu", each, WRONG)]
    assert rows(seen) == {"Cumsum": [{"backend": "webgpu", "how": WRONG}]}


def test_backends_that_are_not_measured_keep_their_rows() -> None:
    kept = {"A": [{"backend": "cpu", "how": WRONG}, {"backend": "webgl", "how": WRONG}], "B": [{"backend": "webgl"}]}
    found = {"A": [{"backend": "webgl", "how": THROWS}]}
    expected = {"A": [{"backend": "cpu", "how": WRONG}, {"backend": "webgl", "how": THROWS}]}
    assert merged(found, kept, ["webgl"]) == expected
    assert merged(found, kept, ["webgl"], ["A"]) == expected | {"B": [{"backend": "webgl"}]}


def test_its_text_is_json() -> None:
    found = {"A": [{"backend": "cpu", "how": WRONG}], "B": [{"backend": "wasm", "how": THROWS}]}
    assert json.loads(text_of("4.22.0", found)) == {"tfjs": "4.22.0", "ops": found}


def test_it_is_of_the_version_that_the_tests_run() -> None:
    lock = json.loads((REPOSITORY / "tests" / "node" / "package-lock.json").read_text(encoding="utf-8"))
    table = json.loads(TABLE_FILE.read_text(encoding="utf-8"))
    assert table["tfjs"] == lock["packages"]["node_modules/@tensorflow/tfjs"]["version"]
    assert {row["backend"] for op in table["ops"].values() for row in op} <= {*BACKENDS}
    assert [op for op in table["ops"] if tfjs_op(op) is None] == []


def test_every_op_is_probed_or_has_a_reason() -> None:
    probed, reasons = {probe.op for probe in all_probes()}, " ".join(NOT_PROBED.values()).split()
    assert sorted({*tfjs_ops()} - probed - {*reasons}) == []
    assert sorted({*reasons} & probed) == []
    assert sorted(probed - {*tfjs_ops()}) == []
