"""What a start is told: FutuOpenD.xml and the command line, as one frozen model."""

from gateway.config.command_line import option_names
from gateway.config.errors import ConfigError
from gateway.config.loading import load_settings, read_rsa_key, written_names
from gateway.config.settings import ClockMode, Settings

__all__ = [
    "ClockMode",
    "ConfigError",
    "Settings",
    "load_settings",
    "option_names",
    "read_rsa_key",
    "written_names",
]
