"""What single ops of TensorFlow mean while a graph is traced; importing the package registers them all."""

from tfjs_build.convert.saved_model.handlers import (
    arrays,
    branches,
    calls,
    constants,
    counts,
    frames,
    loops,
    switches,
    tables,
    variables,
)

__all__ = ["arrays", "branches", "calls", "constants", "counts", "frames", "loops", "switches", "tables", "variables"]
