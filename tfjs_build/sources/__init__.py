"""What a model is made from. Each kind of source is a module here, named like its `input_format`.

`kind.py` is what a kind is, `registry.py` lists them, and the rest asks them: which one a source is (`detect.py`), what
it consists of (`resolve.py`), what has to be done first (`preparing.py`), and what opens it (`opening.py`).
"""
