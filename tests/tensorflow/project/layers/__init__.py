"""A package of a project, with layers of its own."""

from .scaling import Scale, Shift, squash

__all__ = ["Scale", "Shift", "squash"]
