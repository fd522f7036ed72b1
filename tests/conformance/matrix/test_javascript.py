"""The official JavaScript SDKs over WebSocket, in Node and in Chromium."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.conformance.matrix.python_clients import PLAIN
from tests.conformance.web_clients import bundle, login_options

pytestmark = pytest.mark.web

NEWEST = "futu-api 10.11.7108"
OLDER = {
    "futu-api 7.6.3808": "futu-api-7.6",
    "futu-api 6.5.3008": "futu-api-6.5",
    "moomoo-api 9.6.5608": "moomoo-api",
}
NAMES = (NEWEST, *OLDER)


@pytest.fixture
def tell_day(start_day, client_record, tmp_path, request):
    """Tell the day in Node or in a page and judge it."""

    def tell(name, *, page=False):
        place = "Chromium" if page else "Node"
        record = client_record(f"{name} for JavaScript, {place}", PLAIN)
        if shutil.which("node") is None:
            pytest.skip("this machine has no node")
        if name in OLDER:
            programs = bundle(tmp_path, OLDER[name], pages=False)
        else:
            programs = request.getfixturevalue("web_programs")
        options = login_options(start_day(websocket_port=0), tls=False, key=None)
        options["day"] = True
        day = programs.in_page(options) if page else programs.in_node("node_client", options)

        assert "failed" not in day, day
        record.check(day | {"runtime": version(page=page)})

    return tell


def version(*, page):
    """What the program ran on."""
    if not page:
        command, name = ("node", "--version"), "Node "
    else:
        command, name = ("chromium", "--version"), ""
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return name + " ".join(told.split()[:2])


@pytest.mark.parametrize(
    "name", [NEWEST, *(pytest.param(n, marks=pytest.mark.matrix) for n in OLDER)]
)
def test_the_javascript_sdk_lives_through_the_day_in_node(tell_day, name):
    """All of it, bundled for Node."""
    tell_day(name)


def test_the_javascript_sdk_lives_through_the_day_in_a_page(tell_day):
    """The same in Chromium."""
    tell_day(NEWEST, page=True)
