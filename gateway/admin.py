"""The admin interface: the commands of the console as HTTP and JSON, with an OpenAPI description.

Imported only if `sim_admin_port` is configured. Nothing here asks who is calling, so it listens on this
machine only unless told otherwise, and it refuses what a web page could send unnoticed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import asdict, fields
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import trio
from hypercorn.config import Config
from hypercorn.trio import serve
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from telnet_ops.console import WORLD, Console
from telnet_ops.control import JournalQuery, JournalReport
from telnet_ops.registry import Command, Parameter, UsageError
from telnet_ops.target import OpsTarget
from telnet_ops.texts import INVALID_VALUE, NO_WORLDS, UNKNOWN_PARAMETER, Text

GRACE_S: Final = 0.25
"""For requests under way when the program stops."""
MAX_BODY_BYTES: Final = 1 << 20
"""Of a request: far more than any command takes."""
USUAL_LIMIT: Final = 1_000
"""Entries of the journal in one answer, unless told otherwise."""
EXPECTED_LIMIT: Final = Text("不小于 0 的整数", "an integer of at least 0")
_QUERY: Final = frozenset(field.name for field in fields(JournalQuery))
_VERSION: Final = "3.1.0"
_REPLY: Final = {
    "200": ("What the command answers; everything that it caused has been sent", "result"),
    "400": ("What is wrong with the parameters", "error"),
    "404": ("There is no such command", "error"),
    "413": ("The request is too long", "error"),
    "415": ("The request is not sent as JSON", "error"),
    "500": ("A mistake of the emulator, which its log tells", "error"),
}


class AdminApi:
    """Serves the admin interface.

    Args:
        console: Runs commands.
        target: What they operate.
        now_ns: The gateway's time.
        settle: Waits until all that a command caused has happened and was told.
    """

    elsewhere: Callable[[str], AdminApi] | None = None
    """Finds another world's interface, for requests with `?world=…`; raises UsageError."""

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
                Route("/faults", self._faults),
                Route("/journal", self._journal),
                Route("/journal/count", self._journal_count),
                Route("/journal.jsonl", self._journal_lines),
                Route("/commands", self._commands),
                Route("/commands/{name}", self._run, methods=["POST"]),
                Route("/openapi.json", self._description),
            ],
            exception_handlers={HTTPException: _http_error, Exception: _our_error},
        )

    async def serve(self, listener: trio.SocketListener) -> None:
        """Serve until cancelled, on a copy of the listener's socket."""
        config = Config()
        config.bind = [f"fd://{os.dup(listener.socket.fileno())}"]
        config.loglevel = "WARNING"
        config.graceful_timeout = GRACE_S
        await serve(self._route, config)  # type: ignore[arg-type]

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        app: ASGIApp = self.app
        name, scope = _world_of(scope)
        if name:
            try:
                app = self._in_world(name)
            except UsageError as error:
                app = _error(error.in_language(self._target.language), 400)
        await app(scope, receive, send)

    def _in_world(self, name: str) -> ASGIApp:
        if self.elsewhere is None:
            raise UsageError(NO_WORLDS)
        return self.elsewhere(name).app

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

    async def _faults(self, _request: Request) -> Response:
        return JSONResponse([asdict(report) for report in self._target.control.faults()])

    async def _journal(self, request: Request) -> Response:
        return self._looked_up(request, USUAL_LIMIT, _as_list)

    async def _journal_count(self, request: Request) -> Response:
        return self._looked_up(request, 0, lambda report: JSONResponse({"count": report.count}))

    async def _journal_lines(self, request: Request) -> Response:
        return self._looked_up(request, None, _as_lines)

    def _looked_up(
        self,
        request: Request,
        usual_limit: int | None,
        answer: Callable[[JournalReport], Response],
    ) -> Response:
        """Look into the journal as the query of the address says."""
        try:
            query = self._query(request.query_params.multi_items(), usual_limit)
            return answer(self._target.control.journal(query))
        except UsageError as error:
            return _error(error.in_language(self._target.language), 400)

    def _query(self, written: Iterable[tuple[str, str]], usual_limit: int | None) -> JournalQuery:
        known = {p.name: p for p in self._console.commands["sim_journal"].parameters}
        values: dict[str, Any] = {"limit": usual_limit}
        for name, value in written:
            if name == WORLD:
                continue
            if name not in _QUERY:
                raise UsageError(UNKNOWN_PARAMETER, name=name)
            values[name] = known[name].parse(value)
        limit = values["limit"]
        if limit is not None and limit < 0:
            shown = str(limit)
            raise UsageError(INVALID_VALUE, name="limit", value=shown, expected=EXPECTED_LIMIT)
        return JournalQuery(**values)

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
        body = await _body(request)
        try:
            parameters = _written(json.loads(body) if body else {})
        except (ValueError, RecursionError) as error:
            return _error(f"Not a JSON object of parameters: {error}", 400)
        try:
            answer = self._console.run(name, parameters, self._now_ns())
        except UsageError as error:
            return _error(error.in_language(self._target.language), 400)
        await self._settle()
        return JSONResponse({"result": answer})


def _as_list(report: JournalReport) -> Response:
    """The entries as one document, with where to go on from."""
    entries = f"[{','.join(report.lines)}]"
    head = json.dumps({"size": report.size, "last": report.last, "count": report.count})
    return Response(f'{head[:-1]}, "entries": {entries}}}', media_type="application/json")


def _as_lines(report: JournalReport) -> Response:
    text = "".join(f"{line}\n" for line in report.lines)
    return Response(text, media_type="application/x-ndjson")


async def _http_error(_request: Request, error: Exception) -> Response:
    """What is not there, or not to be asked that way."""
    assert isinstance(error, HTTPException)  # noqa: S101 - as registered
    response = _error(error.detail, error.status_code)
    response.headers.update(error.headers or {})
    return response


async def _our_error(_request: Request, _error_of_ours: Exception) -> Response:
    """A mistake of ours; the server writes it to its log."""
    return _error("The request failed; see the log", 500)


def _world_of(scope: Scope) -> tuple[str, Scope]:
    """The world that a request is meant for, empty for the common one, and the request without it."""
    if scope["type"] != "http" or WORLD.encode() not in scope["query_string"]:
        return "", scope
    query: bytes = scope["query_string"]
    given = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    rest = urlencode([(name, value) for name, value in given if name != WORLD])
    return dict(given).get(WORLD, ""), {**scope, "query_string": rest.encode()}


async def _body(request: Request) -> bytes:
    """What was sent, unless it is too much.

    Raises:
        HTTPException: 413.
    """
    parts = bytearray()
    async with aclosing(request.stream()) as stream:
        async for part in stream:
            parts += part
            if len(parts) > MAX_BODY_BYTES:
                raise HTTPException(413, f"More than {MAX_BODY_BYTES} bytes")
    return bytes(parts)


def _error(text: str, status: int) -> Response:
    return JSONResponse({"error": text}, status_code=status)


def _written(body: object) -> Mapping[str, str]:
    """Parameters as they would be typed; null counts as left out."""
    if not isinstance(body, dict):
        raise ValueError("an object is needed")  # noqa: TRY004 - of the caller's text
    for name, value in body.items():
        if isinstance(value, bool) or not isinstance(value, str | int | float | None):
            raise ValueError(f"{name!a} is neither a text nor a number")  # noqa: TRY004
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
        ("/faults", "The faults in force, behind the latest that are over"),
    ):
        paths[path] = {"get": {"summary": title, "responses": {"200": {"description": title}}}}
    journal = commands["sim_journal"]
    for path, title in (
        ("/journal", "Entries of the journal, at most 1000 unless `limit` says otherwise"),
        ("/journal/count", "How many entries of the journal there are"),
        ("/journal.jsonl", "Entries of the journal, one JSON object a line"),
    ):
        paths[path] = {"get": _look_up(journal, title)}
    info = {"title": "OpenD emulator: admin interface", "version": "1"}
    return {"openapi": _VERSION, "info": info, "paths": paths}


def _look_up(entry: Command, title: str) -> dict[str, object]:
    return {
        "summary": title,
        "parameters": [
            {
                "name": p.name,
                "in": "query",
                "description": entry.english.parameters[p.name],
                "schema": {"type": "integer" if p.is_integer else "string"},
            }
            for p in entry.parameters
            if p.name in _QUERY
        ],
        "responses": {
            "200": {"description": title},
            "400": {"description": "What is wrong with the query"},
        },
    }


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
