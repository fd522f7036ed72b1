"""One OpenD with everything that serves, drives and directs it, short of its doors and its store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from gateway.assembly import data_folder
from gateway.config import Settings
from gateway.continuity import world_facts
from gateway.control import Driver, GatewayControl
from gateway.dispatch import Dispatcher
from gateway.operations import Desks, Operations
from gateway.picture import PICTURE_NAME
from gateway.push import Publisher
from gateway.scenario.desk import ScenarioDesk
from gateway.scenario.steps import Scenario
from gateway.session.notices import Notice, ProgramStatus
from gateway.session.opend import OpenD
from gateway.session.relay import Relay
from gateway.shell.clock import GatewayClock
from gateway.shell.connection import ConnectionServer
from gateway.shell.ticker import Ticker
from gateway.shell.websocket import RelayedReceiver
from gateway.state_files import Home
from gateway.wire.ciphers import Cipher, PlainCipher
from telnet_ops.console import Console, Place
from telnet_ops.registry import UsageError
from telnet_ops.report_file import read_text

if TYPE_CHECKING:
    from gateway.admin import AdminApi


SNAPSHOTS: Final = "snapshots"
"""Folder of the states that are saved by a plain name."""


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
            opend,
            clock,
            driver,
            seed=settings.sim_seed,
            journal_size=settings.sim_journal,
            home=Home(world_facts(settings), data_folder(settings) / SNAPSHOTS),
        )
        self.desks: Final = Desks(control, self.scenarios)
        self.operations: Final = Operations(
            opend,
            clock.now_ns,
            stop,
            self.ticker.wake,
            str(data_folder(settings) / PICTURE_NAME),
            self.desks,
        )
        self.console: Final = Console(self.operations)
        self.scenarios.use(self.console, self._run_as_of)
        opend.admit_command = self.console.admit
        opend.run_command = partial(self.console.execute, may_use_files=False)

    def log_in(self) -> bool:
        """Go as far towards the login as it goes by itself; False if the password is wrong."""
        self.opend.login.log_in()
        self.publisher.publish(())
        return self.opend.login.status is not ProgramStatus.LOGIN_FAILED

    def place(self) -> Place:
        """Where commands go that are meant for this world."""
        return Place(self.console, self.clock.now_ns())

    def close_connections(self, reason: str) -> None:
        """Let what is queued leave, and end every connection."""
        self.publisher.publish(())
        for connection in self.opend.roster:
            connection.close(reason)

    def admin_api(self) -> AdminApi:
        """The admin interface to this world."""
        from gateway.admin import AdminApi  # noqa: PLC0415 - a quarter of a second, for who needs it

        return AdminApi(self.console, self.operations, self.clock.now_ns, self.ticker.settle)

    def _run_as_of(self, name: str, parameters: Mapping[str, str], now_ns: int) -> str:
        """Run a command at an instant that may have passed; raises UsageError."""
        with self.clock.as_of(now_ns):
            return self.console.run(name, parameters, now_ns)


def configured_scenario(settings: Settings, scenarios: ScenarioDesk) -> Scenario | None:
    """Read the scenario that the configuration names, if it does.

    Raises:
        ConfigError: the file cannot be read, or there is something wrong with it.
    """
    path = settings.sim_scenario
    if path is None:
        return None
    try:
        return scenarios.read(read_text(str(path)), path.name)
    except OSError as error:
        reason = f"the file cannot be read: {error.strerror or error}"
        raise settings.refusal("sim_scenario", reason) from error
    except UsageError as error:
        raise settings.refusal("sim_scenario", error.in_language("en")) from error
