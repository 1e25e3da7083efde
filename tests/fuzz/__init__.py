"""Hostile input: sources, manifests and messages, changed in every way that one can think of, are refused cleanly."""
