"""Models of libraries whose layers are their own, with random weights: `make libraries [ONLY=…]`.

It installs the libraries, into `.cache/libraries`, and is too slow for `make test`. Each model is written by
`write.py`, refused without `allow_code`, built with the lines that the refusals name, and run in Node.
"""
