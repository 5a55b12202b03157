"""``python -m imurep``."""

from __future__ import annotations

import sys

from imurep.cli import main

if __name__ == "__main__":
    sys.exit(main())
