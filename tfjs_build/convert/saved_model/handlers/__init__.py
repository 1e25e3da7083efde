"""What single ops of TensorFlow mean while a graph is traced; importing the package registers them all."""

from tfjs_build.convert.saved_model.handlers import branches, calls, constants, loops, tables, variables

__all__ = ["branches", "calls", "constants", "loops", "tables", "variables"]
