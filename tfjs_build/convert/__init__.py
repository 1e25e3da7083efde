"""Converters: from an opened source to artifacts, and from artifacts to the files that are published."""
