"""`python -m tfjs_build`: the same as the command `tfjs-build`."""

import sys

from tfjs_build.cli import main

sys.exit(main())
