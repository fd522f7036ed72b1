"""The pytest plugin beside client SDKs, in environments that have nothing of ours installed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance.environments import ENVIRONMENTS, interpreter
from tests.conformance.gateway_process import SOURCE_ROOT, write_rsa_key

pytestmark = pytest.mark.conformance
TIMEOUT_S = 120

CONTEXTS = """
from {package} import *

def count_threads():
    import threading
    return sum(not thread.daemon for thread in threading.enumerate())

class Quotes(StockQuoteHandlerBase):
    def __init__(self):
        super().__init__()
        self.prices = []

    def on_recv_rsp(self, rsp_pb):
        ret, quotes = super().on_recv_rsp(rsp_pb)
        self.prices += list(quotes["last_price"])
        return ret, quotes

def test_what_was_set_is_pushed_and_contexts_reconnect(opend):
    before = count_threads()
    quote_ctx, handler = opend.quote_context(), Quotes()
    quote_ctx.set_handler(handler)
    ret, text = quote_ctx.subscribe(["HK.00700"], [SubType.QUOTE])
    assert ret == RET_OK, text
    opend.control.price("HK.00700", 432)
    opend.control.advance("1m")
    opend.wait_until(lambda: 430 < (handler.prices or [0])[-1] < 434)
    assert count_threads() > before
    opend.close_contexts()
    assert count_threads() == before

def test_contexts_outlive_a_power_cut(opend):
    opend.quote_context()
    opend.trade_context("US")
    opend.kill()
"""


WORLDS = """
import pytest
from {package} import *

CODE = "HK.00700"
STEPS = '''
steps:
  - at: 09:31
    sim_price: {{security: HK.00700, percent: -5}}
    sim_order: {{action: fill, percent: 50}}
'''

@pytest.mark.parametrize("lots", [2, 4, 6])
def test_each_world_is_told_the_same_from_its_beginning(opend_world, lots):
    quote_ctx, trade_ctx = opend_world.quote_context(), opend_world.trade_context("HK")
    opend_world.control.scenario(STEPS)
    before = quote_ctx.get_market_snapshot([CODE])[1]["last_price"][0]
    opend_world.control.advance("61s")
    price = quote_ctx.get_market_snapshot([CODE])[1]["last_price"][0]
    assert price < 0.96 * before
    order = trade_ctx.place_order(
        round(price), 100 * lots, CODE, TrdSide.BUY, trd_env=TrdEnv.SIMULATE
    )[1]
    assert order["order_id"][0].startswith("v3_20260115_00000001")
    opend_world.control.advance("1s")
    ret, orders = trade_ctx.order_list_query(trd_env=TrdEnv.SIMULATE)
    assert list(orders["dealt_qty"]) == [50 * lots]
    assert opend_world.control.scenario_progress().is_finished
    clients = opend_world.control.command("sim_connections")
    assert clients.count(opend_world.name) == 2
"""


def run_pytest(environment: str, directory: Path, source: str, *options: str) -> str:
    """Run a module in the environment; the gateway runs on our own interpreter."""
    (directory / "test_it.py").write_text(source, encoding="utf-8")
    command = [str(interpreter(environment)), "-m", "pytest", "-p", "opend_pytest.plugin", "-rA"]
    command += [f"--opend-python={sys.executable}", *options, "test_it.py"]
    # The checkout may hold the metadata of an editable install, which would name the plugin again.
    home = {"HOME": str(directory), "PYTHONPATH": str(SOURCE_ROOT)}
    home["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    done = subprocess.run(
        command,
        cwd=directory,
        env=os.environ | home,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=TIMEOUT_S,
        check=False,
        text=True,
    )

    assert done.returncode == 0, done.stdout[-6000:]
    return done.stdout


@pytest.mark.parametrize("environment", ["current-pytest", "futu-7.x-pytest", "moomoo-pytest"])
def test_contexts_are_opened_fed_and_closed(environment: str, tmp_path: Path) -> None:
    """Pushes arrive, no thread is left, and nothing hangs when the gateway has gone."""
    source = CONTEXTS.format(package=ENVIRONMENTS[environment].package)

    assert "2 passed" in run_pytest(environment, tmp_path, source)


def test_each_test_has_a_world_with_contexts_in_it(tmp_path: Path) -> None:
    """One gateway, three tests, the same order id in each, and what a scenario did in none of the others."""
    source = WORLDS.format(package=ENVIRONMENTS["current-pytest"].package)

    assert "3 passed" in run_pytest("current-pytest", tmp_path, source)


def test_contexts_are_encrypted_if_the_gateway_is(tmp_path: Path) -> None:
    """A key in the settings is all it takes."""
    key = write_rsa_key(tmp_path / "key.pem")
    source = (
        "def test_it(opend):\n"
        "    assert opend.quote_context().get_global_state()[0] == 0\n"
        "    assert 'API RSA Enabled: Yes' in opend.log\n"
    )
    options = (f"--opend-setting=rsa_private_key={key}",)

    assert "1 passed" in run_pytest("current-pytest", tmp_path, source, *options)


def test_the_example_of_the_readme_works_as_printed(tmp_path: Path) -> None:
    """The section "Test your strategy" holds one test, and it passes."""
    assert "1 passed" in run_pytest(
        "current-pytest", tmp_path, printed("README.md", "Test your strategy")
    )


def test_the_examples_of_the_page_on_faults_work_as_printed(tmp_path: Path) -> None:
    """A client comes back after a cut, and an order is there though nobody said so."""
    source = printed("docs/faults.md", "In a test")

    assert "2 passed" in run_pytest("current-pytest", tmp_path, source)


def printed(page: str, title: str) -> str:
    """The one program below a title."""
    section = (SOURCE_ROOT / page).read_text(encoding="utf-8").split(f"## {title}")
    (source,) = re.findall(r"```python\n(.*?)```", section[1].split("\n## ")[0], re.DOTALL)
    return source
