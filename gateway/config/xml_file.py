"""FutuOpenD.xml (OpenD.xml for moomoo) → element names and their texts."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn
from xml.etree import ElementTree as ET

from gateway.config.errors import ConfigError

ROOTS: Final = ("futu_opend", "moomoo_opend")
MAX_FILE_BYTES: Final = 1 << 20
SEARCHED: Final = (Path("FutuOpenD.xml"), Path("OpenD.xml"), Path("config/FutuOpenD.xml"))


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """The elements of one file, in order; empty ones are left out, as if not written."""

    path: Path
    elements: tuple[tuple[str, str], ...]


class _PlainTree(ET.TreeBuilder):
    """Refuses a document type, and with it every entity a file could define."""

    def doctype(self, name: str, pubid: str, system: str) -> NoReturn:
        msg = "a document type (<!DOCTYPE …>) is not allowed"
        raise ConfigError(msg)


def find_config_file() -> Path | None:
    """Return the file a start without `-cfg_file` reads, if there is one.

    Source: [D] the default is the XML beside the program; the working directory is our inference
        of that for a program that is a Python package [I].
    """
    return next((path for path in SEARCHED if path.is_file()), None)


def read_config_file(path: Path) -> ConfigFile:
    """Read `path`.

    Raises:
        ConfigError: missing, unreadable, too big, not XML, or another root element.

    Source: [O] element names and both roots; [D] a missing file stops the start; [I] texts.
    """
    root = _parse(path, _read_bytes(path))
    if root.tag not in ROOTS:
        allowed = ", ".join(ROOTS)
        raise ConfigError(f"{path}: the root element is <{root.tag}>; allowed: {allowed}")
    texts = ((element.tag, (element.text or "").strip()) for element in root)
    return ConfigFile(path, tuple((name, text) for name, text in texts if text))


def _read_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    if len(content) > MAX_FILE_BYTES:
        raise ConfigError(f"{path}: is larger than {MAX_FILE_BYTES} bytes")
    return content


def _parse(path: Path, content: bytes) -> ET.Element:
    parser = ET.XMLParser(target=_PlainTree())  # noqa: S314 - no document type, bounded size
    try:
        parser.feed(content)
        root: ET.Element = parser.close()
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error
    except ET.ParseError as error:
        line, column = error.position
        reason = str(error).partition(":")[0]
        raise ConfigError(
            f"{path}: line {line}, column {column + 1}: not well-formed XML ({reason})"
        ) from error
    except (LookupError, ValueError) as error:
        raise ConfigError(f"{path}: not readable as XML ({error})") from error
    return root
