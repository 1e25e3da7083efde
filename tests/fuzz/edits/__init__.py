"""Edits of files by what is in them: each takes bytes and a `Random`, and returns other bytes."""
