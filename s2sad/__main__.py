"""``python -m s2sad`` is ``s2sad``."""

import sys

from .cli import main

sys.exit(main())
