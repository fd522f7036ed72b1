"""Where the text of a report goes: to the caller, or to a file that the caller named."""

from __future__ import annotations

from telnet_ops.registry import Context
from telnet_ops.texts import REPORT_NOT_SAVED, REPORT_SAVED


def deliver(context: Context, report: str, path: str | None) -> str:
    """Return the report, or write it to `path` and return whether that worked."""
    if path is None:
        return report
    try:
        context.save_report(path, report)
    except OSError as error:
        return context.say(REPORT_NOT_SAVED, path=path, reason=error.strerror or error)
    return context.say(REPORT_SAVED, path=path)
