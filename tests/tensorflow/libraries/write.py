"""Writes models of a library with random weights, and their numbers: `python write.py LIBRARY FOLDER`."""

import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np

from tests.oracle.tensors import write_groups

RANDOM = np.random.default_rng(0)


def save(folder, name, model, inputs):
    """Write a model, its inputs and its outputs."""
    results = model(inputs, training=False)
    model.save(folder / f"{name}.keras")
    if not isinstance(results, dict):
        flat = results if isinstance(results, list | tuple) else [results]
        results = dict(zip(model.output_names, flat, strict=True))
    if not isinstance(inputs, dict):
        inputs = {model.inputs[0]._keras_history[0].name: inputs}
    write_groups(folder / f"{name}.inputs", [{key: np.asarray(each) for key, each in inputs.items()}] * 2)
    write_groups(folder / f"{name}.outputs", [{key: np.asarray(each) for key, each in results.items()}] * 2)


def keras_cv_attention_models():
    """Vision networks on pictures of 64 pixels."""
    import keras_cv_attention_models as kecam

    options = {"input_shape": (64, 64, 3), "num_classes": 5, "pretrained": None}
    pictures = RANDOM.normal(size=(2, 64, 64, 3)).astype(np.float32)
    classes = {
        "beit": kecam.beit.ViTTinyPatch16,
        "coat": kecam.coat.CoaTLiteTiny,
        "coatnet": kecam.coatnet.CoAtNet0,
        "convnext": kecam.convnext.ConvNeXtTiny,
        "edgenext": kecam.edgenext.EdgeNeXt_XX_Small,
        "efficientformer": kecam.efficientformer.EfficientFormerL1,
        "gcvit": kecam.gcvit.GCViT_XXTiny,
        "levit": kecam.levit.LeViT128S,
        "resmlp": kecam.mlp_family.ResMLP12,
        "swin": kecam.swin_transformer_v2.SwinTransformerV2Tiny_ns,
    }
    return {name: (lambda made=made: made(**options), pictures) for name, made in classes.items()}


def keras_hub():
    """Backbones of language models, and a vision transformer, all of them small."""
    from keras_hub import models

    ids = RANDOM.integers(1, 30, size=(2, 8)).astype(np.int32)
    text = {"token_ids": ids, "padding_mask": np.ones((2, 8), np.int32)}
    segments = {**text, "segment_ids": np.zeros((2, 8), np.int32)}
    shape = {"num_layers": 2, "num_heads": 2, "hidden_dim": 16, "intermediate_dim": 32}
    small = {"vocabulary_size": 30, "max_sequence_length": 12, **shape}
    query = {"num_query_heads": 2, "num_key_value_heads": 1, "num_layers": 2, "hidden_dim": 16, "intermediate_dim": 32}
    both = {f"{side}_{name}": value for side in ("encoder", "decoder") for name, value in text.items()}
    picture = {"image_shape": (32, 32, 3), "patch_size": 8, "mlp_dim": 32}
    picture |= {"num_layers": 2, "num_heads": 2, "hidden_dim": 16}
    return {
        "albert": (lambda: models.AlbertBackbone(**small, embedding_dim=8), segments),
        "bert": (lambda: models.BertBackbone(**small), segments),
        "bloom": (lambda: models.BloomBackbone(**small), text),
        "deberta": (lambda: models.DebertaV3Backbone(**small, bucket_size=8), text),
        "distilbert": (lambda: models.DistilBertBackbone(**small), text),
        "gpt2": (lambda: models.GPT2Backbone(**small), text),
        "gptneox": (lambda: models.GPTNeoXBackbone(**small), text),
        "llama": (lambda: models.LlamaBackbone(vocabulary_size=30, **query), text),
        "opt": (lambda: models.OPTBackbone(**small), text),
        "roberta": (lambda: models.RobertaBackbone(**small), text),
        "t5": (lambda: models.T5Backbone(vocabulary_size=30, **shape), both),
        "vit": (lambda: models.ViTBackbone(**picture), RANDOM.normal(size=(2, 32, 32, 3)).astype(np.float32)),
    }


def deepctr():
    """Networks for click-through rates, on four categories and two numbers."""
    from deepctr import models
    from deepctr.feature_column import DenseFeat, SparseFeat

    columns = [*(SparseFeat(f"s{index}", 8, embedding_dim=4) for index in range(4)), DenseFeat("d", 2)]
    inputs = {f"s{index}": RANDOM.integers(0, 8, size=(3, 1)).astype(np.int32) for index in range(4)}
    inputs["d"] = RANDOM.normal(size=(3, 2)).astype(np.float32)
    names = ("AutoInt", "DCN", "DCNMix", "DIFM", "DeepFM", "FNN", "FiBiNET", "IFM", "NFM", "ONN", "WDL", "xDeepFM")
    classes = {name.lower(): getattr(models, name) for name in names}
    options = {"dnn_hidden_units": (8, 8)}
    return {name: (lambda made=made: made(columns, columns, **options), inputs) for name, made in classes.items()}


library, place = sys.argv[1], Path(sys.argv[2])
place.mkdir(parents=True)
for name, (make, inputs) in globals()[library]().items():
    save(place, name, make(), inputs)
