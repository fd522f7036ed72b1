"""The trading accounts of a run: the default ones, or those of a JSON file."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from gateway.config.settings import Settings
from simulator.accounts.account_table import DEFAULT_ACCOUNTS, with_profile
from simulator.domain import (
    AccountSpec,
    AccountType,
    Currency,
    Environment,
    Profile,
    SecurityFirm,
    SimulatedAccountType,
    TradingMarket,
)

_MAX_BYTES: Final = 1 << 20
MAX_ACCOUNT_ID: Final = 2**63 - 1


class AccountEntry(BaseModel):
    """One account as the file describes it; the first currency is the account's own."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[int, Field(gt=0, le=MAX_ACCOUNT_ID)]
    environment: Literal["SIMULATE", "REAL"]
    type: Literal["CASH", "MARGIN"]
    simulated_type: Literal["STOCK", "OPTION", "FUTURES", "STOCK_AND_OPTION"] | None = None
    markets: Annotated[list[str], Field(min_length=1)]
    cash: Annotated[dict[str, Decimal], Field(min_length=1)]
    firm: Literal["FUTU_SECURITIES", "FUTU_INC"] = "FUTU_SECURITIES"
    universal: bool = False
    card_number: str = ""
    universal_card_number: str = ""

    def spec(self) -> AccountSpec:
        """The account.

        Raises:
            KeyError: There is no such market or currency.
        """
        is_paper = self.environment == "SIMULATE"
        (currency, cash), *more = ((Currency[c], amount) for c, amount in self.cash.items())
        simulated = self.simulated_type or ("STOCK" if is_paper else "UNKNOWN")
        return AccountSpec(
            account_id=self.id,
            environment=Environment[self.environment],
            account_type=AccountType[self.type],
            simulated_type=SimulatedAccountType[simulated],
            markets=tuple(TradingMarket[market] for market in self.markets),
            currency=currency,
            initial_cash=cash,
            more_cash=tuple(more),
            firm=SecurityFirm.UNKNOWN if is_paper else SecurityFirm[self.firm],
            is_universal=self.universal,
            card_number=self.card_number,
            universal_card_number=self.universal_card_number,
        )


_ENTRIES: Final = TypeAdapter(list[AccountEntry])


def read_accounts(settings: Settings) -> tuple[AccountSpec, ...]:
    """The accounts of a run, in the profile that the settings name.

    Raises:
        ConfigError: The file cannot be read or does not describe accounts.
    """
    specs: tuple[AccountSpec, ...] = DEFAULT_ACCOUNTS
    if settings.sim_accounts is not None:
        specs = _from_file(settings, settings.sim_accounts)
    return with_profile(specs, Profile(settings.sim_profile))


def _from_file(settings: Settings, path: Path) -> tuple[AccountSpec, ...]:
    try:
        with path.open("rb") as file:
            entries = _ENTRIES.validate_json(file.read(_MAX_BYTES))
        specs = tuple(entry.spec() for entry in entries)
    except OSError as error:
        reason = f"the file cannot be read: {error.strerror}"
        raise settings.refusal("sim_accounts", reason) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "file"
        raise settings.refusal("sim_accounts", f"{place}: {first['msg']}") from error
    except KeyError as error:
        reason = f"{error.args[0]} is no market or currency"
        raise settings.refusal("sim_accounts", reason) from error
    if len({spec.account_id for spec in specs}) < len(specs):
        raise settings.refusal("sim_accounts", "two accounts have one id")
    return specs
