"""Run one program of the installed SDK's own `examples` package against another address.

The programs name 127.0.0.1:11111 in their source. The one literal `11111` is replaced by the
gateway's port before the source runs as the main program; nothing else is changed.

    python package_example.py quote_push 40123
"""

import os
import sys
import threading
from importlib.resources import files


def source_of(name, port):
    text = files("futu.examples").joinpath(f"{name}.py").read_text(encoding="utf-8")
    if "11111" not in text:
        raise SystemExit(f"{name} does not name its port any more")
    return text.replace("11111", port)


def main():
    name, port, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    # Some of them leave their context open or trade for ever: they get that long, then end well.
    timer = threading.Timer(seconds, lambda: (sys.stdout.flush(), os._exit(0)))
    timer.daemon = True
    timer.start()
    exec(compile(source_of(name, port), f"{name}.py", "exec"), {"__name__": "__main__"})


main()
