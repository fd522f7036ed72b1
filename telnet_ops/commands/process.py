"""Commands about the program itself: help, exit, update, set_log_level."""

from __future__ import annotations

from telnet_ops.registry import Command, Context, UsageError, command
from telnet_ops.render import table
from telnet_ops.target import LogLevel
from telnet_ops.texts import (
    HELP_ALIASES,
    HELP_LIMIT,
    HELP_LIST,
    HELP_PARAMETERS,
    LOG_LEVEL_SET,
    STOPPING,
    UNKNOWN_COMMAND,
    UP_TO_DATE,
    limit_text,
)


@command("help")
def help_(context: Context, cmd: str | None = None) -> str:
    """Command help.

    Show the details of a command; without a parameter, the list of commands.

    Args:
        context: what the command works on.
        cmd: the command

    Source: [D] what it does; [I] its layout, after the documentation's own.
    """
    if cmd is None:
        return _list(context)
    for entry in context.commands.values():
        if cmd in (entry.name, *entry.aliases):
            return _details(context, entry)
    raise UsageError(UNKNOWN_COMMAND, name=cmd)


def _list(context: Context) -> str:
    language = context.target.language
    rows = [(entry.name, entry.help_in(language).title) for entry in context.commands.values()]
    return table((context.say(HELP_LIST),), rows)


def _details(context: Context, entry: Command) -> str:
    text = entry.help_in(context.target.language)
    lines = [text.title, _usage(entry), text.description]
    if entry.aliases:
        lines.append(context.say(HELP_ALIASES, names=", ".join(entry.aliases)))
    if entry.parameters:
        lines.append(context.say(HELP_PARAMETERS))
        lines += [f"{p.name}: {text.parameters[p.name]}" for p in entry.parameters]
    if entry.limit is not None:
        lines += [context.say(HELP_LIMIT), context.say(limit_text(entry.limit))]
    return "\n".join(lines)


def _usage(entry: Command) -> str:
    written = (f"-{p.name}=" if p.is_required else f"[-{p.name}=]" for p in entry.parameters)
    return " ".join((entry.name, *written))


@command("exit", aliases=("quit",))
def exit_(context: Context) -> str:
    """Exit the program.

    Exit the OpenD program.

    Source: [D] `exit`; [S] `quit` is accepted too; [I] the answer.
    """
    context.target.stop()
    return context.say(STOPPING)


@command("update")
def update(context: Context) -> str:
    """Update.

    Look for a newer version; this one is always the newest.

    Source: [D] the command; [O] the form `Ver.`; [I] the answer.
    """
    return context.say(UP_TO_DATE, release=context.target.release)


@command("set_log_level")
def set_log_level(context: Context, level: LogLevel) -> str:
    """Set the log level.

    Set the log level of OpenD; it takes effect at once.

    Args:
        context: what the command works on.
        level: the log level (no, debug, info, warning, error, fatal)

    Source: [S] the command; [D] the levels; [I] the parameter's name and the answer.
    """
    context.target.set_log_level(level)
    return context.say(LOG_LEVEL_SET, level=level)
