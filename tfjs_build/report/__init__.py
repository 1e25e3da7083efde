"""What `tfjs-build report` knows of a published model, and the page that shows it.

1. `published.py` reads what lies in the output folder; `measured.py` compares it with its source, in a child.
2. `curve.py` tries codings of the weights: size against error.
3. `launches.py` estimates what a GPU is asked to do; `page_code.py` knows what TensorFlow.js weighs.
4. `history.py` remembers versions, `committed.py` asks git for the one that was published.
5. `treemap.py`, `chart.py` and `view.py` lay out what `page.py` renders with the templates beside it.
"""
