"""Tests of the loader stubs."""
