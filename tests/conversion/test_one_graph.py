"""One network gives one graph, whichever file it comes from."""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.conversion.build import build_models
from tests.conversion.oracle import PYTHON_VARIABLE
from tests.support.project import REPOSITORY

NETWORKS = ("mobilenet_v2", "mobilenet_v3", "efficientnet_b0", "resnet50", "densenet", "convnext", "transformer")
ENDINGS = {"keras": ".keras", "h5": ".h5", "saved_model": ""}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the published models, each called by network and ending."""
    sources, work = tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("published")
    python = os.environ.get(PYTHON_VARIABLE, str(REPOSITORY / ".venv-tf" / "bin" / "python"))
    script = Path(__file__).with_name("one_network.py")
    subprocess.run([python, script, sources], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    wanted = {
        f"{name}-{ending}": {"source": str(sources / f"{name}{suffix}"), "format": "graph"}
        for name in NETWORKS
        for ending, suffix in ENDINGS.items()
    }
    build = build_models(work, wanted)
    assert not build.failed
    return build.models


def nodes(published: Path, model: str) -> Counter[str]:
    """Return how often each op is there, with the sizes of its constants."""
    document = json.loads((published / model / "model.json").read_text(encoding="utf-8"))
    specs = [spec for group in document["weightsManifest"] for spec in group["weights"]]
    shapes = {spec["name"]: [size for size in spec["shape"] if size != 1] for spec in specs}
    found: Counter[str] = Counter()
    for node in document["modelTopology"]["node"]:
        if node["op"] != "Const":
            # Operands of sums and products may stand in either order.
            constants = sorted(str(shapes[name]) for name in node.get("input", ()) if name in shapes)
            found[f"{node['op']} {' '.join(constants)}"] += 1
    return found


@pytest.mark.parametrize("name", NETWORKS)
def test_one_network_is_one_graph(published: Path, name: str) -> None:
    keras = nodes(published, f"{name}-keras")
    for ending in ("h5", "saved_model"):
        other = nodes(published, f"{name}-{ending}")
        assert keras - other == other - keras == Counter(), ending
