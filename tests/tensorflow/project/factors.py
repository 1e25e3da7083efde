"""What a layer of the project imports."""

FACTOR = 3.0
