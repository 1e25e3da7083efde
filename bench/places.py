"""Where the benchmark of predictions has its networks, what is converted from them, and the tools of others."""

from __future__ import annotations

import re
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent
CACHE = REPOSITORY / ".cache" / "bench"
NETWORKS = CACHE / "predicted"
BUILT = CACHE / "built"
TF_BIN = REPOSITORY / ".venv-tf" / "bin"

TITLES = {
    "mobilenet_v2": "MobileNetV2, 224 px",
    "mobilenet_v3": "MobileNetV3-Small, 224 px",
    "efficientnet_b0": "EfficientNetB0, 160 px",
    "resnet50": "ResNet50, 128 px",
    "densenet121": "DenseNet121, 128 px",
    "nasnet": "NASNetMobile, 224 px",
    "convnext": "ConvNeXt-Tiny, 96 px",
    "vit": "ViT, 6 blocks, 196 patches",
    "bert": "BERT encoder, 4 blocks, 128 tokens",
    "unet": "U-Net, 128 px",
    "text_cnn": "text CNN, 100 words",
    "lstm": "LSTM, both ways, and LSTM, 64 steps",
    "gru": "two GRUs, 200 steps",
    "detector": "detector on MobileNetV2, 192 px",
    "audio": "mel spectrogram and CNN, 1 s",
}
"""The networks of `make_predicted.py`, as the tables call them."""


def of_now(name: str, *converted: Path) -> bool:
    """Whether one of these is there, and was made of the network as it is now."""
    written = (NETWORKS / f"{name}.npz").stat().st_mtime
    return any(path.exists() and path.stat().st_mtime > written for path in converted)


_ERROR = re.compile(r"[\w.]*(Error|Exception): ")


def said_last(text: str) -> str:
    """Return what a program of Python that failed says of its last error, in one line; else its last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()] or ["it fails without a word"]
    errors = [place for place, line in enumerate(lines) if _ERROR.match(line)]
    return _ERROR.sub("", " ".join(lines[errors[-1] if errors else -1 :]), count=1)
