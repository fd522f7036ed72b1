"""The one error of the configuration: a start that cannot go on."""


class ConfigError(Exception):
    """A configuration that stops the start; its text is one line meant for the user."""
