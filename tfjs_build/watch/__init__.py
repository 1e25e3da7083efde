"""`tfjs-build watch`: every save is published before you look up."""
