"""How often Python looks for cycles of garbage: seldom, for what a short-lived process makes mostly stays in use."""

import atexit
import gc


def seldom() -> None:
    """Have the collector of this process, and of its forks, look when there are 100,000 new objects, not 700, and
    not as the process ends, when all is given back at once.

    The looks, which found nothing, took some 7 % of the time of a cold conversion, and as long of a build that has
    nothing to do.
    """
    gc.set_threshold(100_000, 10, 10)
    atexit.register(gc.freeze)
