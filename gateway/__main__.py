"""`python -m gateway -cfg_file config/FutuOpenD.xml`: start one emulated OpenD."""

from __future__ import annotations

import sys
from collections.abc import Sequence

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
        return trio.run(run, settings)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
