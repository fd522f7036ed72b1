"""The admin interface: commands and figures as JSON, and errors that say what is wrong."""

from __future__ import annotations

import json

import pytest

from gateway.admin import MAX_BODY_BYTES, AdminApi
from gateway.session.login import Login
from gateway.session.notices import ProgramStatus
from gateway.wire.proto_ids import ProtoId
from telnet_ops.commands import STANDARD_COMMANDS
from telnet_ops.console import Console
from telnet_ops.registry import Context, command
from telnet_ops.texts import Help
from tests.support.asgi_client import Answer, ask
from tests.support.conversation import World
from tests.support.markets import wall_market

TEN_IN_HK = 1_768_442_400 * 10**9
JSON = (("Content-Type", "application/json"),)


@command("sim_break", chinese=Help("出错", "出错", {}))
def sim_break(context: Context) -> str:
    """Fail.

    Fail as only a mistake of ours does.
    """
    raise ZeroDivisionError(context.now_ns)


class Admin:
    """An admin interface over a world, and how often it waited for effects.

    Args:
        login: Who is logged in; READY if None.
    """

    def __init__(self, login: Login | None = None) -> None:
        self.world = World(start_ns=TEN_IN_HK, market=wall_market(), login=login)
        self.settled = 0
        operations = self.world.operations
        console = Console(operations, commands=(*STANDARD_COMMANDS, sim_break))
        self.api = AdminApi(console, operations, lambda: self.world.now_ns, self._settle)

    async def _settle(self) -> None:
        self.settled += 1

    async def get(self, target: str) -> Answer:
        return await ask(self.api.app, "GET", target)

    async def run(self, name: str, **parameters: object) -> Answer:
        """Run a command."""
        return await self.post(f"/commands/{name}", json.dumps(parameters).encode())

    async def post(self, target: str, body: bytes, headers: object = JSON) -> Answer:
        return await ask(self.api.app, "POST", target, body, headers)  # type: ignore[arg-type]


@pytest.fixture
def admin() -> Admin:
    """With everything that works, and one command that does not."""
    return Admin()


async def test_a_command_is_answered_after_its_effects(admin: Admin) -> None:
    """200 and the console's words; texts and numbers are the same, null is left out."""
    answer = await admin.run("sim_price", security="HK.00700", price=500, over=None)
    again = await admin.run("sim_price", security="HK.00700", price="500.0")

    assert (answer.status, answer.json) == (200, {"result": "Price of HK.00700: 500.0"})
    assert again.json == answer.json
    assert admin.settled == 2
    assert (await admin.post("/commands/sim_clock", b"")).status == 200


@pytest.mark.parametrize(
    ("name", "body", "status", "told"),
    [
        ("sim_price", b'{"security": "HK.00700"}', 400, "Give one of price, percent"),
        ("sim_price", b'{"price": 1}', 400, "Missing parameter: security"),
        ("sim_price", b'{"colour": "red"}', 400, "Unknown parameter: colour"),
        ("sim_price", b'{"security": "HK.00700", "price": "dear"}', 400, "Expected a number"),
        ("sim_price", b'{"security": "HK.99998", "price": 1}', 400, "Unknown stock. 99998"),
        ("sim_price", b'{"security": true}', 400, "'security' is neither a text nor a number"),
        ("sim_price", b'{"security": ["HK.00700"]}', 400, "neither a text nor a number"),
        ("sim_clock", b'{"speed": NaN}', 400, "Expected a number"),
        ("sim_clock", b'{"\\ud800": []}', 400, "neither a text nor a number"),
        ("sim_fault", b'{"add": "thunder"}', 400, "Expected one of: latency"),
        ("sim_clock", b"{", 400, "Not a JSON object of parameters"),
        ("sim_clock", b"[]", 400, "Not a JSON object of parameters: an object is needed"),
        ("sim_clock", b"\xff\xfe", 400, "Not a JSON object of parameters"),
        ("sim_clock", b"[" * 100_000, 400, "Not a JSON object of parameters"),
        ("sim_clock", b" " * (MAX_BODY_BYTES + 1), 413, "More than 1048576 bytes"),
        ("sim_salabim", b"{}", 404, "Unknown command: sim_salabim"),
        ("sim_break", b"{}", 500, "The request failed; see the log"),
        (
            "sim_journal",
            b'{"path": "/somewhere"}',
            400,
            "Files are for the console and telnet only",
        ),
    ],
)
async def test_what_is_wrong_is_told_as_json(
    admin: Admin, name: str, body: bytes, status: int, told: str
) -> None:
    """With the status that fits, and nothing happens."""
    answer = await admin.post(f"/commands/{name}", body)

    assert answer.status == status
    assert list(answer.json) == ["error"]
    assert told in answer.json["error"]
    assert admin.settled == 0


async def test_web_pages_are_refused(admin: Admin) -> None:
    """What a page could send without asking, and what comes from one."""
    plain = await admin.post("/commands/sim_clock", b"{}", (("Content-Type", "text/plain"),))
    none = await admin.post("/commands/sim_clock", b"{}", ())
    page = await admin.post("/commands/sim_clock", b"{}", (*JSON, ("Origin", "https://a.example")))
    charset = (("Content-Type", "application/json; charset=utf-8"),)

    assert (plain.status, none.status, page.status) == (415, 415, 403)
    assert plain.json == {"error": "The content type must be application/json"}
    assert page.json == {"error": "Not for web pages"}
    assert (await admin.post("/commands/sim_clock", b"{}", charset)).status == 200


async def test_wrong_addresses_and_methods_are_told_as_json(admin: Admin) -> None:
    """404 and 405, the latter with what is allowed."""
    nowhere = await admin.get("/nowhere")
    asked = await admin.get("/commands/sim_clock")
    sent = await admin.post("/clock", b"{}")

    assert (nowhere.status, nowhere.json) == (404, {"error": "Not Found"})
    assert (asked.status, asked.json) == (405, {"error": "Method Not Allowed"})
    assert asked.headers["allow"] == "POST"
    assert sent.status == 405


async def test_health_says_whether_the_login_is_complete(admin: Admin) -> None:
    """200 or 503, and the login's state and the time either way."""
    well = await admin.get("/health")
    waiting = await Admin(Login(status=ProgramStatus.NEED_PHONE_CODE)).get("/health")

    assert (well.status, well.json["login"]) == (200, "ready")
    assert well.json["time_ns"] == TEN_IN_HK
    assert (waiting.status, waiting.json["login"]) == (503, "need_phone_code")


async def test_the_clock_and_the_connections_come_as_data(admin: Admin) -> None:
    """Connection ids are texts: they exceed what JavaScript can count."""
    client = admin.world.connect(clientID="strategy")
    clock = (await admin.get("/clock")).json
    [connection] = (await admin.get("/connections")).json

    assert clock["now_ns"] == TEN_IN_HK
    assert clock["markets"][0]["venue"] == "HK_STOCK"
    assert clock["markets"][0]["time"] == "2026-01-15T10:00:00+08:00"
    assert connection["conn_id"] == str(client.connection.conn_id)
    assert (connection["client_id"], connection["is_ready"]) == ("strategy", True)
    assert (await admin.get("/scenario")).json is None


async def test_faults_come_as_data(admin: Admin) -> None:
    """With what was given and what they did."""
    await admin.run("sim_fault", add="error", protocol="KeepAlive", message="no", count=2)
    admin.world.connect().ask(ProtoId.KeepAlive, time=1)
    [fault] = (await admin.get("/faults")).json

    assert fault == {
        "fault_id": 1,
        "kind": "error",
        "parameters": {
            "direction": "request",
            "protocol": "KeepAlive",
            "count": "2",
            "ret_type": "-1",
            "message": "no",
        },
        "matched": 1,
        "struck": 1,
        "left_ns": None,
        "is_over": False,
    }


async def test_the_journal_can_be_looked_into(admin: Admin) -> None:
    """As one document, as a number, and as lines; with the filters of the command as the query."""
    await admin.run("sim_journal", action="on", size=100)
    client = admin.world.connect()
    for n in range(3):
        client.ask(ProtoId.KeepAlive, time=n)
    whole = (await admin.get("/journal")).json
    some = (await admin.get("/journal?protocol=KeepAlive&direction=request&limit=2")).json
    lines = await admin.get("/journal.jsonl?since=4")
    count = await admin.get("/journal/count?protocol=KeepAlive")

    assert (whole["size"], whole["last"], whole["count"], len(whole["entries"])) == (100, 8, 8, 8)
    assert (some["count"], [e["n"] for e in some["entries"]]) == (3, [5, 7])
    assert lines.headers["content-type"] == "application/x-ndjson"
    assert [json.loads(line)["n"] for line in lines.text.splitlines()] == [5, 6, 7, 8]
    assert count.json == {"count": 6}


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("colour=red", "Unknown parameter: colour"),
        ("action=on", "Unknown parameter: action"),
        ("conn_id=x", "Invalid value: conn_id=x. Expected an integer."),
        ("direction=up", "Expected one of: request, reply, push"),
        ("limit=-1", "Invalid value: limit=-1. Expected an integer of at least 0."),
        ("since=noon", "Expected the number of an entry or an instant"),
        ("protocol=Foo", "Expected the name or number of a protocol"),
        ("security=", "Invalid value: security="),
    ],
)
@pytest.mark.parametrize("path", ["/journal", "/journal/count", "/journal.jsonl"])
async def test_a_wrong_query_is_told_as_json(
    admin: Admin, path: str, query: str, told: str
) -> None:
    """400, with what is allowed."""
    answer = await admin.get(f"{path}?{query}")
    assert answer.status == 400
    assert told in answer.json["error"]


async def test_everything_is_described(admin: Admin) -> None:
    """The description has every address, every command and every parameter with its type."""
    text = (await admin.get("/openapi.json")).json
    names = (await admin.get("/commands")).json
    served = {route.path for route in admin.api.app.routes} - {  # type: ignore[attr-defined]
        "/openapi.json",
        "/commands/{name}",
    }

    assert set(text["paths"]) == served | {f"/commands/{name}" for name in names}
    schema = text["paths"]["/commands/sim_fault"]["post"]["requestBody"]["content"]
    properties = schema["application/json"]["schema"]["properties"]
    assert properties["count"]["type"] == "integer"
    assert properties["probability"]["type"] == "number"
    assert "latency" in properties["add"]["enum"]
    [security] = [
        p for p in text["paths"]["/journal"]["get"]["parameters"] if p["name"] == "security"
    ]
    assert (security["in"], security["schema"]) == ("query", {"type": "string"})
    assert all(title for title in names.values())
