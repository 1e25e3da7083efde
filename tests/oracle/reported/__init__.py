"""Models that were once published wrong, refused without need, or refused for a reason that was not theirs.

Each stands for a kind of models that people have; one file a theme.
"""

from tests.oracle.reported import (
    backends,
    columns,
    keras_2_files,
    mistakes,
    own_code,
    spectra,
    tensorflow_1,
    training,
    values,
)
from tests.oracle.reported.suite import SUITE
from tests.oracle.reported.writing import write

__all__ = [
    "SUITE",
    "backends",
    "columns",
    "keras_2_files",
    "mistakes",
    "own_code",
    "spectra",
    "tensorflow_1",
    "training",
    "values",
    "write",
]
