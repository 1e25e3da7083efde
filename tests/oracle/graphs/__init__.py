"""Graphs as TensorFlow writes them: SavedModels of both TensorFlows, and frozen graphs."""
