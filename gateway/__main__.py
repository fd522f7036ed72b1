"""`python -m gateway -cfg_file config/FutuOpenD.xml`: start one emulated OpenD."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence

if __name__ == "__main__":
    gc.disable()  # all that is imported stays: looking through it for garbage delays the start

import trio

from gateway.app import run
from gateway.config import ConfigError, load_settings


def main(argv: Sequence[str] | None = None) -> int:
    """Run until stopped.

    Returns:
        The exit code: 0 after a clean stop, 2 if the configuration does not allow a start, 14 if
            the login password is wrong, 3 if the store failed.
    """
    try:
        settings = load_settings(sys.argv[1:] if argv is None else argv)
        if not gc.isenabled():
            gc.freeze()
            gc.enable()
        return trio.run(run, settings)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
