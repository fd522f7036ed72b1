"""What client programs are told, and how they tell what they have seen: one JSON document.

The SDKs log to both standard streams from threads of their own, so neither can carry it.
"""

import argparse
import json
import os
import sys
import traceback
from pathlib import Path


def _options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--output", required=True, help="file for the observations")
    parser.add_argument("--rsa-key")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("arguments", nargs="*")
    return parser.parse_args()


options = _options()


def run(story):
    """Run a program's one function and write what it returns to the output file.

    A failure ends the process at once: threads of an SDK would keep it alive.
    """
    try:
        Path(options.output).write_text(json.dumps(story()), encoding="utf-8")
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
