"""Where prices come from, by `sim_source`: the built-in sources and those of installed packages."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from typing import Final, Protocol

from simulator.market.source import MarketSource
from simulator.market.synthetic import SyntheticSource
from simulator.market.universe import Universe

GROUP: Final = "opend_emulator.market_sources"
"""Packages offer sources in this entry-point group."""
_BUILT_IN: Final = ("synthetic", "replay", "replay_only")


class SourceMaker(Protocol):
    """What an entry point of the group must be."""

    def __call__(self, argument: str, seed: int, universe: Universe) -> MarketSource:
        """Make a source.

        Args:
            argument: What `sim_source` says behind the first colon; empty without one.
            seed: `sim_seed`.
            universe: What is listed.

        Raises:
            ValueError: The argument cannot be used; its text is shown to the user.
        """


def make_source(setting: str, seed: int, universe: Universe) -> tuple[MarketSource, Universe]:
    """The source that `sim_source` names, and what is listed with it.

    Raises:
        ValueError: There is no such source, or it cannot be made.
    """
    name, _, argument = setting.partition(":")
    if name not in _BUILT_IN:
        return _from_package(name)(argument, seed, universe), universe
    synthetic = SyntheticSource(seed)
    if name == "synthetic":
        if argument:
            raise ValueError("synthetic takes nothing behind a colon")
        return synthetic, universe
    if not argument:
        raise ValueError(f"name a folder: {name}:<folder>")
    from simulator.replay.source import ReplaySource, read_folder  # noqa: PLC0415 - for who needs it

    source = ReplaySource(read_folder(Path(argument).expanduser(), universe), synthetic, seed)
    if name == "replay_only":
        universe = universe.restricted(source.securities)
    return source, universe


def _from_package(name: str) -> SourceMaker:
    offered = entry_points(group=GROUP)
    found = [point for point in offered if point.name == name]
    if not found:
        known = ", ".join([*_BUILT_IN, *sorted(point.name for point in offered)])
        raise ValueError(f"no such source; there are {known}")
    maker: SourceMaker = found[0].load()
    return maker
