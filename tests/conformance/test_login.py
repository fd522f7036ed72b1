"""The newest SDK logs OpenD in with codes, hears each step, and meets its quote rights."""

from __future__ import annotations

import pytest

from gateway.picture import draw_code
from tests.conformance.client_programs import observe
from tests.conformance.gateway_process import running

NO_QUEUE = (
    "No permission to get quotes for HK.00700. Please check HK MarketStocks quote permissions."
)
NO_AMERICA = (
    "No permission to get quotes for US.AAPL. Please check US MarketStocks quote permissions."
)


@pytest.fixture(scope="module")
def data_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def seen(tmp_path_factory, data_folder):
    settings = {
        "lang": "en",
        "sim_login": "picture_code,phone_code",
        "sim_picture_code": "9071",
        "sim_data_dir": data_folder,
        "sim_quote_rights": "hk_stock=LV1,us_stock=BMP",
    }
    with running(tmp_path_factory.mktemp("login"), **settings) as gateway:
        yield observe("current", "login", gateway)


def test_each_code_brings_the_login_on(seen):
    """A wrong code changes nothing; the two right ones end in READY."""
    results = {name: answer["ret"] for name, answer in seen["verified"].items()}

    assert results == {"request": 0, "wrong": -1, "picture": 0, "phone": 0}
    assert seen["verified"]["wrong"]["text"] == "Wrong picture verification code"
    assert seen["statuses"] == [
        "NEED_PIC_VERIFY_CODE",
        "NEED_PIC_VERIFY_CODE",
        "NEED_PIC_VERIFY_CODE",
        "NEED_PHONE_VERIFY_CODE",
        "READY",
    ]


def test_the_picture_shows_the_code(seen, data_folder):
    """The file was drawn when the client asked for it."""
    assert (data_folder / "PicVerifyCode.png").read_bytes() == draw_code("9071")


def test_the_sdk_understands_every_notice(seen):
    """Statuses, links, rights and quotas are told as they change."""
    kinds = [notice["value"][0] for notice in seen["notices"]]

    assert {"GTW_EVENT", "PROGRAM_STATUS", "CONN_STATUS", "QOT_RIGHT", "API_QUOTA"} <= set(kinds)
    assert kinds.count("PROGRAM_STATUS") >= 3


def test_quote_rights_open_and_close(seen):
    """LV1 of Hong Kong shows one level and no queue; BMP of America serves snapshots only."""
    assert seen["queue"]["text"] == NO_QUEUE
    assert seen["book"]["ret"] == 0
    assert seen["levels"] == 1
    assert seen["american"]["text"] == NO_AMERICA
    assert seen["snapshot"]["ret"] == 0
