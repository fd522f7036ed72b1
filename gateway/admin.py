"""The admin interface: the commands of the console as HTTP and JSON, with an OpenAPI description.

Imported only if `sim_admin_port` is configured. Nothing here asks who is calling, so it listens on this
machine only unless told otherwise, and it refuses what a web page could send unnoticed.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Final

import trio
from hypercorn.config import Config
from hypercorn.trio import serve
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from telnet_ops.console import Console
from telnet_ops.registry import Command, Parameter, UsageError
from telnet_ops.target import OpsTarget

GRACE_S: Final = 0.25
"""For requests under way when the program stops."""
_VERSION: Final = "3.1.0"
_REPLY: Final = {
    "200": ("What the command answers; everything that it caused has been sent", "result"),
    "400": ("What is wrong with the parameters", "error"),
    "404": ("There is no such command", "error"),
}


class AdminApi:
    """Serves the admin interface.

    Args:
        console: Runs commands.
        target: What they operate.
        now_ns: The gateway's time.
        settle: Waits until all that a command caused has happened and was told.
    """

    def __init__(
        self,
        console: Console,
        target: OpsTarget,
        now_ns: Callable[[], int],
        settle: Callable[[], Awaitable[None]],
    ) -> None:
        self._console = console
        self._target = target
        self._now_ns = now_ns
        self._settle = settle
        self.app: Final = Starlette(
            routes=[
                Route("/health", self._health),
                Route("/clock", self._clock),
                Route("/connections", self._connections),
                Route("/scenario", self._scenario),
                Route("/commands", self._commands),
                Route("/commands/{name}", self._run, methods=["POST"]),
                Route("/openapi.json", self._description),
            ]
        )

    async def serve(self, listener: trio.SocketListener) -> None:
        """Serve until cancelled, on a copy of the listener's socket."""
        config = Config()
        config.bind = [f"fd://{os.dup(listener.socket.fileno())}"]
        config.loglevel = "WARNING"
        config.graceful_timeout = GRACE_S
        await serve(self.app, config)  # type: ignore[arg-type]

    # --- what it answers ----------------------------------------------------------------------

    async def _health(self, _request: Request) -> Response:
        ready = self._target.login_state == "ready"
        return JSONResponse(
            {"status": "ok", "login": self._target.login_state, "time_ns": self._now_ns()},
            status_code=200 if ready else 503,
        )

    async def _clock(self, _request: Request) -> Response:
        report = self._target.control.clock()
        markets = [
            {"venue": venue, "time": time, "state": state} for venue, time, state in report.markets
        ]
        return JSONResponse({**asdict(report), "markets": markets})

    async def _connections(self, _request: Request) -> Response:
        found = [asdict(info) for info in self._target.connections()]
        return JSONResponse([{**info, "conn_id": str(info["conn_id"])} for info in found])

    async def _scenario(self, _request: Request) -> Response:
        report = self._target.scenarios.report()
        return JSONResponse(None if report is None else asdict(report))

    async def _commands(self, _request: Request) -> Response:
        return JSONResponse(
            {name: entry.english.title for name, entry in self._console.commands.items()}
        )

    async def _description(self, _request: Request) -> Response:
        return JSONResponse(openapi(self._console.commands))

    async def _run(self, request: Request) -> Response:
        """Run a command. A web page cannot send this without the browser asking us first."""
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            return _error("The content type must be application/json", 415)
        if "origin" in request.headers:
            return _error("Not for web pages", 403)
        name = request.path_params["name"]
        if name not in self._console.commands:
            return _error(f"Unknown command: {name}", 404)
        try:
            parameters = _written(await request.json() if await request.body() else {})
        except ValueError as error:
            return _error(f"Not a JSON object of parameters: {error}", 400)
        try:
            answer = self._console.run(name, parameters, self._now_ns())
        except UsageError as error:
            return _error(error.in_language(self._target.language), 400)
        await self._settle()
        return JSONResponse({"result": answer})


def _error(text: str, status: int) -> Response:
    return JSONResponse({"error": text}, status_code=status)


def _written(body: object) -> Mapping[str, str]:
    """Parameters as they would be typed; null counts as left out."""
    if not isinstance(body, dict):
        raise ValueError("an object is needed")  # noqa: TRY004 - of the caller's text
    for name, value in body.items():
        if isinstance(value, bool) or not isinstance(value, str | int | float | None):
            raise ValueError(f"{name} is neither a text nor a number")  # noqa: TRY004
    return {name: str(value) for name, value in body.items() if value is not None}


def openapi(commands: Mapping[str, Command]) -> dict[str, object]:
    """The OpenAPI description of the interface."""
    paths: dict[str, object] = {
        f"/commands/{name}": {"post": _operation(entry)} for name, entry in commands.items()
    }
    for path, title in (
        ("/health", "Whether the gateway is ready"),
        ("/clock", "The time, and that of each market"),
        ("/connections", "The API connections, oldest first"),
        ("/scenario", "How far the scenario is; null without one"),
        ("/commands", "All commands with what they do"),
    ):
        paths[path] = {"get": {"summary": title, "responses": {"200": {"description": title}}}}
    info = {"title": "OpenD emulator: admin interface", "version": "1"}
    return {"openapi": _VERSION, "info": info, "paths": paths}


def _operation(entry: Command) -> dict[str, object]:
    schema = {
        "type": "object",
        "properties": {p.name: _schema(entry, p) for p in entry.parameters},
        "required": [p.name for p in entry.parameters if p.is_required],
        "additionalProperties": False,
    }
    return {
        "operationId": entry.name,
        "summary": entry.english.title,
        "description": entry.english.description,
        "requestBody": {"content": {"application/json": {"schema": schema}}},
        "responses": {
            status: {
                "description": description,
                "content": {
                    "application/json": {
                        "schema": {"type": "object", "properties": {key: {"type": "string"}}}
                    }
                },
            }
            for status, (description, key) in _REPLY.items()
        },
    }


def _schema(entry: Command, parameter: Parameter) -> dict[str, object]:
    kind = "integer" if parameter.is_integer else "number" if parameter.is_number else "string"
    schema: dict[str, object] = {
        "type": kind,
        "description": entry.english.parameters[parameter.name],
    }
    if parameter.choices:
        schema["enum"] = list(parameter.choices)
    return schema
