"""Published graphs run in NumPy: to see, without TensorFlow.js, what a coding of the weights does to the outputs.

    program = Program(artifacts.topology)
    outputs = program.run({"image": pixels}, read)

`program.py` reads a GraphDef as model.json holds it, and runs it node by node; `kernels.py` has what the ops compute,
`windows.py` those that slide over images.
"""
