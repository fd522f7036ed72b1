"""Run programs of the official JavaScript SDK, in Node and in a page, against a gateway.

The SDK is written for bundlers, so each program is bundled by esbuild: for Node as it is, for pages
with the usual stand-ins for Node's own modules.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from tests.conformance.environments import node_modules
from tests.conformance.gateway_process import GatewayProcess

SOURCES: Final = Path(__file__).parent / "clients_js"
TIMEOUT_S: Final = 90
MARK: Final = "OBSERVED "
NODE_PROGRAMS: Final = ("node_client", "node_reconnect")
PAGE: Final = b"<!doctype html><meta charset=utf-8><script src=page_client.js></script>"

_FOR_NODE: Final = (
    "--platform=node",
    "--format=cjs",
    "--external:bufferutil",  # optional parts of ws
    "--external:utf-8-validate",
)
_FOR_PAGES: Final = (
    "--platform=browser",
    "--format=iife",
    "--alias:crypto=crypto-browserify",
    "--alias:stream=stream-browserify",
    "--alias:vm=vm-browserify",
    "--define:global=globalThis",
    f"--inject:{SOURCES / 'page_globals.js'}",
)


@dataclass(frozen=True, slots=True)
class WebPrograms:
    """The bundled programs."""

    folder: Path
    modules: Path

    def in_node(self, program: str, options: dict[str, object], **environment: str) -> Any:
        """Run a Node program and return its observations."""
        command = [_tool("node"), self.folder / f"{program}.cjs", json.dumps(options)]
        return self._observe(command, environment)

    def in_page(self, options: dict[str, object]) -> Any:
        """Tell the story in headless Chromium, in a page from an origin of its own."""
        with _serving(self.folder) as url:
            browser = _tool("chromium", "chromium-browser", "google-chrome")
            drive = [_tool("node"), SOURCES / "drive_page.cjs", browser, url, json.dumps(options)]
            return self._observe(drive, {})

    def _observe(self, command: list[object], environment: dict[str, str]) -> Any:
        done = subprocess.run(
            list(map(str, command)),
            env={**os.environ, "NODE_PATH": str(self.modules), **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            timeout=TIMEOUT_S,
            check=False,
        )

        assert done.returncode == 0, done.stdout[-6000:]
        return json.loads(done.stdout.rpartition(MARK)[2].splitlines()[0])


def bundle(folder: Path, sdk: str = "futu-api", *, pages: bool = True) -> WebPrograms:
    """Bundle all programs into a folder.

    Args:
        folder: where to.
        sdk: the name of the SDK's package in `package.json`.
        pages: whether the programs for pages are wanted, too.
    """
    _tool("npm")
    modules = node_modules(SOURCES / "package.json")
    package = f"--alias:futu-api={sdk}"
    for program in NODE_PROGRAMS:
        _esbuild(modules, program, folder / f"{program}.cjs", *_FOR_NODE, package)
    if pages:
        _esbuild(modules, "page_client", folder / "page_client.js", *_FOR_PAGES, package)
    (folder / "index.html").write_bytes(PAGE)
    return WebPrograms(folder, modules)


def address(gateway: GatewayProcess, service: str) -> tuple[str, int]:
    """Where a service listens, from the ready line."""
    ready = next(line for line in gateway.lines if line.startswith("OpenD emulator ready:"))
    host, _, port = dict(part.split("=") for part in ready.split()[3:])[service].rpartition(":")
    return host, int(port)


def login_options(gateway: GatewayProcess, *, tls: bool, key: str | None) -> dict[str, object]:
    """What the programs need to connect."""
    host, port = address(gateway, "ws")
    return {"host": host, "port": port, "ssl": tls, "key": key}


def _esbuild(modules: Path, program: str, output: Path, *options: str) -> None:
    source = SOURCES / f"{program}.js"
    arguments = ["--bundle", "--log-level=warning", f"--outfile={output}", *options]
    done = subprocess.run(
        [str(modules / ".bin" / "esbuild"), str(source), *arguments],
        env={**os.environ, "NODE_PATH": str(modules)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]


def _tool(*names: str) -> str:
    """The path of an installed program; these tests are not skipped where it is missing."""
    found = next(filter(None, map(shutil.which, names)), None)
    assert found, f"{names[0]} is not installed; web clients are tested with nodejs, npm, chromium"
    return found


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    handler = partial(_QuietHandler, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()
