"""Tests of the spellings for half-float textures."""
