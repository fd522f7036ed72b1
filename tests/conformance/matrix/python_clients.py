"""The releases of the official Python SDKs in the client matrix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

PLAIN: Final = "plain"
AES: Final = "RSA + AES"
JSON: Final = "JSON"
AES_JSON: Final = "RSA + AES, JSON"
MODES: Final = (PLAIN, AES, JSON, AES_JSON)


@dataclass(frozen=True, slots=True)
class Release:
    """One release, and where and when it is tried."""

    name: str
    environment: str
    often: tuple[str, ...] = ()
    """Modes that run with every `make conformance`; the others wait for `make matrix`."""
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    """Modes that need another environment."""

    def environment_of(self, mode: str) -> str:
        """Where this mode runs."""
        return self.elsewhere.get(mode, self.environment)


RELEASES: Final = (
    Release(
        "futu-api 10.11.7108",
        "current",
        often=MODES,
        elsewhere={JSON: "current-json", AES_JSON: "current-json"},
    ),
    Release("futu-api 10.8.6808", "futu-10.8"),
    Release("futu-api 10.5.6508", "futu-10.5"),
    Release("futu-api 10.0.6008", "futu-10.0", often=(PLAIN,)),
    Release("futu-api 9.6.5608", "futu-9.x", often=(PLAIN,)),
    Release("futu-api 8.8.4808", "futu-8.x", often=(PLAIN,)),
    Release("futu-api 7.7.3908", "futu-7.x", often=(PLAIN,)),
    Release("futu-api 6.6.3108", "futu-6.x", often=(AES,)),
    Release("futu-api 5.12.2408", "futu-5.x"),
    Release("futu-api 5.0.1310", "futu-5.0"),
    Release("futu-api 4.0.1300", "futu-4.x"),
    Release("futu-api 3.27.2", "futu-3.x", often=(PLAIN, AES_JSON)),
    Release("futuquant 3.5.1", "futuquant"),
    Release(
        "moomoo-api 10.11.7108",
        "moomoo",
        often=(PLAIN,),
        elsewhere={JSON: "moomoo-json", AES_JSON: "moomoo-json"},
    ),
    Release("moomoo-api 9.6.5608", "moomoo-9.x"),
    Release("moomoo-api 7.7.3908", "moomoo-7.x"),
)


def combinations() -> Iterator[tuple[Release, str]]:
    """Every release in every mode."""
    return ((release, mode) for release in RELEASES for mode in MODES)
