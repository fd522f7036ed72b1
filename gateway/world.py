"""One OpenD with everything that serves, drives and directs it, short of its doors and its store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from gateway.assembly import data_folder
from gateway.config import Settings
from gateway.control import Driver, GatewayControl
from gateway.dispatch import Dispatcher
from gateway.operations import Desks, Operations
from gateway.picture import PICTURE_NAME
from gateway.push import Publisher
from gateway.scenario.desk import ScenarioDesk
from gateway.session.notices import Notice
from gateway.session.opend import OpenD
from gateway.session.relay import Relay
from gateway.shell.clock import GatewayClock
from gateway.shell.connection import ConnectionServer
from gateway.shell.ticker import Ticker
from gateway.shell.websocket import RelayedReceiver
from gateway.wire.ciphers import Cipher, PlainCipher
from telnet_ops.console import Console


class World:
    """An OpenD on its clock, with what answers its clients and its operators.

    Args:
        settings: The configuration.
        opend: Its state.
        clock: Its time.
        init_cipher: Of InitConnect.
        stop: Asks the program to end.
        tell_operator: Gets every notice too.
    """

    def __init__(
        self,
        settings: Settings,
        opend: OpenD,
        clock: GatewayClock,
        init_cipher: Cipher,
        stop: Callable[[], None],
        tell_operator: Callable[[Notice], None],
    ) -> None:
        self.opend: Final = opend
        self.clock: Final = clock
        self.publisher: Final = Publisher(opend, tell_operator)
        self.ticker: Final = Ticker(opend, self.publisher, clock)
        dispatcher = Dispatcher(opend, self.publisher)
        self.server: Final = ConnectionServer(opend, dispatcher, self.ticker, clock, init_cipher)
        key = settings.websocket_key_md5
        relay = Relay(key.get_secret_value() if key else None, settings.lang)
        receiver = RelayedReceiver(relay, dispatcher)
        self.web_server: Final = ConnectionServer(
            opend, receiver, self.ticker, clock, PlainCipher()
        )
        self.scenarios: Final = ScenarioDesk(opend, clock.now_ns, self.ticker.wake)
        driver = Driver(self.ticker.wake, self.ticker.set_grain)
        control = GatewayControl(
            opend, clock, driver, seed=settings.sim_seed, journal_size=settings.sim_journal
        )
        self.operations: Final = Operations(
            opend,
            clock.now_ns,
            stop,
            self.ticker.wake,
            str(data_folder(settings) / PICTURE_NAME),
            Desks(control, self.scenarios),
        )
        self.console: Final = Console(self.operations)
        self.scenarios.use(self.console, self._run_as_of)
        opend.admit_command = self.console.admit
        opend.run_command = partial(self.console.execute, may_use_files=False)

    def _run_as_of(self, name: str, parameters: Mapping[str, str], now_ns: int) -> str:
        """Run a command at an instant that may have passed; raises UsageError."""
        with self.clock.as_of(now_ns):
            return self.console.run(name, parameters, now_ns)
