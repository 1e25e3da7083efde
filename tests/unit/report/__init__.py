"""Tests of reports: what is computed, and what the page makes of it."""
