"""Draws the figures of `benchmarks.growth`, one small PNG for each kind of growth; needs matplotlib."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt

Points = Sequence[Mapping[str, float]]


@dataclass(frozen=True)
class Panel:
    """One diagram.

    Attributes:
        label: Of the upright axis, with unit.
        lines: Words of the legend by name of the figure; one line needs none.
    """

    label: str
    lines: Mapping[str, str]


@dataclass(frozen=True)
class Plot:
    """Diagrams side by side over the same figure.

    Attributes:
        along: Name of the figure that grows.
        label: Of the level axis.
        panels: From left to right.
        joined: Whether a line joins the points.
    """

    along: str
    label: str
    panels: tuple[Panel, ...]
    joined: bool = True


PLOTS: Final[Mapping[str, Plot]] = {
    "connections": Plot(
        "connections",
        "connections",
        (
            Panel("CPU µs per KeepAlive", {"keep_alive_us": ""}),
            Panel("CPU % of one core, pushes to all", {"push_cpu_percent": ""}),
            Panel("resident MB", {"resident_mb": ""}),
        ),
    ),
    "subscriptions": Plot(
        "securities",
        "securities, four types each",
        (
            Panel("CPU ms per market second", {"cpu_ms_per_market_second": ""}),
            Panel("CPU µs per push", {"push_us": ""}),
            Panel("resident MB", {"resident_mb": ""}),
        ),
    ),
    "universe": Plot(
        "companies",
        "companies of the market",
        (
            Panel("CPU ms, warm filter", {"warm_filter_ms": ""}),
            Panel("CPU ms, first filter", {"first_filter_ms": ""}),
        ),
        joined=False,
    ),
    "orders": Plot(
        "orders",
        "orders of the account today",
        (
            Panel("CPU µs", {"place_us": "place one more", "cancel_us": "cancel one"}),
            Panel("CPU ms, list of all orders", {"order_list_ms": ""}),
            Panel("CPU ms", {"funds_ms": "funds", "positions_ms": "positions"}),
            Panel("resident MB", {"resident_mb": ""}),
        ),
    ),
    "journal": Plot(
        "orders",
        "orders in the journal",
        (
            Panel("MB on disk", {"file_mb": ""}),
            Panel("CPU s, start to ready", {"restart_cpu_s": ""}),
        ),
    ),
}


def draw(found: Mapping[str, Points], folder: Path) -> None:
    """Write `growth_<name>.png` for each kind that was measured."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, points in found.items():
        _draw(PLOTS[name], points, folder / f"growth_{name}.png")


def _draw(plot: Plot, points: Points, file: Path) -> None:
    width = 3.1 * len(plot.panels)
    figure, axes = plt.subplots(1, len(plot.panels), figsize=(width, 2.8), squeeze=False)
    ordered = sorted(points, key=lambda point: point[plot.along])
    along = [point[plot.along] for point in ordered]
    style = "o-" if plot.joined else "o"
    for axis, panel in zip(axes[0], plot.panels, strict=True):
        for name, words in panel.lines.items():
            axis.plot(along, [p[name] for p in ordered], style, markersize=4, label=words)
        axis.set_ylim(bottom=0)
        axis.set_xlim(left=0)
        axis.locator_params(axis="x", nbins=5)
        axis.set_xlabel(plot.label, fontsize=9)
        axis.set_ylabel(panel.label, fontsize=9)
        axis.tick_params(labelsize=8)
        axis.xaxis.set_major_formatter(mpl.ticker.StrMethodFormatter("{x:,.0f}"))
        axis.grid(alpha=0.3)
        if len(panel.lines) > 1:
            axis.legend(fontsize=8, frameon=False)
    figure.tight_layout()
    figure.savefig(file, dpi=90)
    plt.close(figure)
