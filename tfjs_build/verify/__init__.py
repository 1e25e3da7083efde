"""Proof of what is published: its files, run through their own loader on the backends of the site, beside the source.

`prepare` makes, in a child, what is to be run: inputs, the numbers of the source, variants of the model, loaders. A
`Site` hands that to devices, which ask for one thing after the other: Node, a browser of this machine, or whatever has
opened the page. `running` decides what runs where, and `judge` what the numbers say.
"""
