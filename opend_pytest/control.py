"""The console's commands as methods: time, prices, orders, accounts.

Spans of time are texts such as `500ms`, `60s`, `10m`, `1.5h`, `2d`; prices and amounts are numbers.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal

from opend_pytest.command_link import CommandLink
from opend_pytest.fault_control import FaultControl
from opend_pytest.scenario import ScenarioProgress, progress_of

Number = int | float | Decimal


class Control(FaultControl):
    """Directs one gateway.

    Each call returns once its effects were sent to the clients, so that the next line of a test may look at
    them. What the gateway refuses raises `ControlError` with the gateway's own words.

    Args:
        link: To the gateway's admin interface.
    """

    def __init__(self, link: CommandLink) -> None:
        super().__init__(link)

    def command(self, name: str, /, **parameters: object) -> str:
        """Run any command of the console: `command("sim_rights", product="hk_stock", right="BMP")`.

        Args:
            name: The command.
            **parameters: Its parameters; None leaves one out.

        Returns:
            The console's answer.

        Raises:
            ControlError: The gateway did not answer, or refused.
        """
        written = {key: str(value) for key, value in parameters.items() if value is not None}
        return self._link.run(name, written)

    # --- time ---------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The gateway's time, in UTC."""
        answer = self.command("sim_clock")
        written = answer.partition("\n")[0].replace("，", ",").partition(",")[0]
        return datetime.fromisoformat(written.partition(": ")[2]).astimezone(UTC)

    def advance(self, span: str, *, step: str | None = None) -> None:
        """Let so much time pass: all that happens on the way happens in order and is pushed.

        Args:
            span: How long.
            step: What happens within so long may be pushed in one go; by default nothing.
        """
        self.command("sim_clock", advance=span, step=step)

    def jump(self, goal: str, *, venue: str | None = None) -> None:
        """Go to an instant and leave out the quote pushes on the way.

        Args:
            goal: `open` or `close` (the next one), a date (its opening), or an instant with its offset.
            venue: Whose hours are meant: `HK_STOCK` (default), `US_STOCK` …
        """
        self.command("sim_clock", jump=goal, venue=venue)

    def pause(self) -> None:
        """Let time stand still."""
        self.command("sim_clock", action="pause")

    def resume_time(self, *, speed: Number | None = None) -> None:
        """Let time pass by itself, at that many times its real speed."""
        if speed is not None:
            self.command("sim_clock", speed=speed)
        self.command("sim_clock", action="resume")

    # --- markets ------------------------------------------------------------------------------

    def price(
        self,
        security: str,
        price: Number,
        *,
        over: str | None = None,
        lasts: str | None = None,
        halts: str | None = None,
    ) -> None:
        """Set a price.

        Args:
            security: Such as `HK.00700`.
            price: The nearest price step counts.
            over: The time in which the price gets there; by default at once.
            lasts: How long it stays there before its own path goes on; by default for good.
            halts: `on` or `off`: whether the exchange pauses trading if it moves too fast.
        """
        self._price(security, over, lasts, halts, price=price)

    def move(
        self,
        security: str,
        percent: Number,
        *,
        over: str | None = None,
        lasts: str | None = None,
        halts: str | None = None,
    ) -> None:
        """Move a price by so many percent of the last one; see `price`."""
        self._price(security, over, lasts, halts, percent=percent)

    def path(
        self, security: str, points: str, *, lasts: str | None = None, halts: str | None = None
    ) -> None:
        """Lead a price along spans and prices such as `0s:500,30s:480,60s:520`; see `price`."""
        self._price(security, None, lasts, halts, path=points)

    def _price(
        self,
        security: str,
        over: str | None,
        lasts: str | None,
        halts: str | None,
        **goal: Number | str,
    ) -> None:
        self.command("sim_price", security=security, over=over, lasts=lasts, halts=halts, **goal)

    def release_price(self, security: str) -> None:
        """Let a price follow its own path again."""
        self.command("sim_price", security=security, release="yes")

    def halt(
        self, security: str | None = None, *, venue: str | None = None, lasts: str | None = None
    ) -> None:
        """Stop trading in one security or at a whole venue, by default until `resume`."""
        self.command("sim_halt", security=security, venue=venue, lasts=lasts)

    def resume(self, security: str | None = None, *, venue: str | None = None) -> None:
        """Let what was halted, or locked at its limit, trade again; by default everything."""
        self.command("sim_resume", security=security, venue=venue)

    def limit_up(
        self,
        security: str,
        *,
        price: Number | None = None,
        percent: Number | None = None,
        halts: str | None = None,
    ) -> None:
        """Lock a price at its upper limit, or so far from the last close: nobody offers.

        Only A-shares have limits of their own; elsewhere say `price` or `percent`.
        """
        self.command("sim_limit_up", security=security, price=price, percent=percent, halts=halts)

    def limit_down(
        self,
        security: str,
        *,
        price: Number | None = None,
        percent: Number | None = None,
        halts: str | None = None,
    ) -> None:
        """Lock a price at its lower limit, or so far from the last close: nobody bids.

        Only A-shares have limits of their own; elsewhere say `price` or `percent`.
        """
        self.command("sim_limit_down", security=security, price=price, percent=percent, halts=halts)

    def dividend(self, security: str, amount: Number, *, date: str | None = None) -> None:
        """Pay so much for each share, ex on that date, by default on the next trading day."""
        self._declare(security, "dividend", date, amount=amount)

    def split(self, security: str, ratio: str, *, date: str | None = None) -> None:
        """Turn shares into others, `before:after`, by default on the next trading day."""
        self._declare(security, "split", date, ratio=ratio)

    def bonus(self, security: str, ratio: str, *, date: str | None = None) -> None:
        """Give shares on top of those held, `held:given`."""
        self._declare(security, "bonus", date, ratio=ratio)

    def rights(self, security: str, ratio: str, price: Number, *, date: str | None = None) -> None:
        """Give rights to new shares at a price, `held:given`."""
        self._declare(security, "rights", date, ratio=ratio, price=price)

    def suspend(self, security: str, *, days: int = 1, date: str | None = None) -> None:
        """Suspend trading for whole trading days, by default from the next one on."""
        self._declare(security, "suspension", date, days=days)

    def _declare(self, security: str, kind: str, date: str | None, **more: Number | str) -> None:
        self.command("sim_corporate_action", security=security, kind=kind, date=date, **more)

    def expire(self, security: str | None = None, *, account: int | None = None) -> None:
        """End a derivative now, or all options that an account holds."""
        self.command("sim_expire", security=security, account=account)

    # --- the whole state ------------------------------------------------------------------------

    def save(self, name: str) -> None:
        """Write the whole state to a file of the gateway's own folder."""
        self.command("sim_snapshot", save=name)

    def load(self, name: str) -> None:
        """Go back to a state that was saved, clock included; connections and subscriptions stay."""
        self.command("sim_snapshot", load=name)

    # --- orders: that one, or without an id the next one that fits ------------------------------

    def fill(
        self,
        order_id: str | None = None,
        *,
        quantity: int | None = None,
        percent: Number | None = None,
        price: Number | None = None,
        security: str | None = None,
    ) -> None:
        """Fill an order, or a part of it; what a partial fill leaves is held until `release`.

        Args:
            order_id: The order; without it, the next one that fits, once it reaches the exchange.
            quantity: How much to fill; by default all.
            percent: The same as a share.
            price: What to fill at; by default the order's price, or the last one for a market order.
            security: Only the next order in that security.
        """
        self._order("fill", order_id, security, quantity=quantity, percent=percent, price=price)

    def reject(
        self, order_id: str | None = None, *, reason: str | None = None, security: str | None = None
    ) -> None:
        """Have the exchange reject an order."""
        self._order("reject", order_id, security, reason=reason)

    def delay(self, span: str, order_id: str | None = None, *, security: str | None = None) -> None:
        """Let an order take longer to the exchange."""
        self._order("delay", order_id, security, span=span)

    def hold(self, order_id: str | None = None, *, security: str | None = None) -> None:
        """Keep an order from the market until `release`."""
        self._order("hold", order_id, security)

    def release(self, order_id: str) -> None:
        """Let the market have an order that was held."""
        self._order("release", order_id, None)

    def _order(
        self, action: str, order_id: str | None, security: str | None, **parameters: object
    ) -> None:
        self.command("sim_order", action=action, order_id=order_id, security=security, **parameters)

    # --- accounts -----------------------------------------------------------------------------

    def deposit(self, account: int, amount: Number, *, currency: str | None = None) -> None:
        """Pay cash into an account, by default in the account's own currency."""
        self.command("sim_deposit", account=account, amount=amount, currency=currency)

    def withdraw(self, account: int, amount: Number, *, currency: str | None = None) -> None:
        """Pay cash out of an account; what is left may be negative."""
        self.command("sim_withdraw", account=account, amount=amount, currency=currency)

    def position(
        self, account: int, security: str, quantity: int, *, price: Number | None = None
    ) -> None:
        """Bring shares into an account, or take them out (negative); cash stays as it is."""
        self.command(
            "sim_position", account=account, security=security, quantity=quantity, price=price
        )

    def reset(
        self,
        what: Literal["all", "accounts", "market"] | None = None,
        *,
        account: int | None = None,
    ) -> None:
        """Put accounts and markets back to how they began; time and connections stay."""
        self.command("sim_reset", what=what, account=account)

    # --- scenarios ------------------------------------------------------------------------------

    def scenario(self, source: str | Path) -> None:
        """Begin a scenario: a YAML file, or the text of one.

        Args:
            source: A path, or YAML on several lines.
        """
        if isinstance(source, str) and "\n" in source:
            self.command("sim_scenario", text=source)
        else:
            path = Path(source)
            self.command("sim_scenario", text=path.read_text(encoding="utf-8"), name=path.name)

    def scenario_progress(self) -> ScenarioProgress | None:
        """How far the scenario is; None if there was none."""
        report = self._link.read("/scenario")
        return progress_of(report) if isinstance(report, dict) else None

    def stop_scenario(self) -> None:
        """Let the rest of the scenario not happen."""
        self.command("sim_scenario", action="stop")

    # --- what the user may do -------------------------------------------------------------------

    def quotas(self, *, subscriptions: int | None = None, history: int | None = None) -> None:
        """Change how much may be subscribed and how many securities' history be read."""
        self.command("sim_quota", subscriptions=subscriptions, history=history)

    def right(self, product: str, right: str) -> None:
        """Change a quote right: `right("hk_stock", "BMP")`."""
        self.command("sim_rights", product=product, right=right)

    def close_connections(self, conn_id: int | None = None) -> None:
        """Cut one API connection, or all of them; SDK contexts connect again by themselves."""
        self.command("close_api_conn", conn_id=conn_id)
