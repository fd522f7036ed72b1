"""Commands to the gateway that a client program talks to, over its admin interface.

The port of that interface is the program's first argument.
"""

import json
import urllib.error
import urllib.request

from sdk import Pushes, options


def command(name, **parameters):
    """Run a command; its answer comes after everything that it caused was sent."""
    return _ask(f"/commands/{name}", json.dumps(parameters).encode())["result"]


def look(path):
    """What the admin interface tells as data, such as `/faults`."""
    return _ask(path, None)


def _ask(path, body):
    request = urllib.request.Request(
        f"http://{options.host}:{options.arguments[0]}{path}",
        body,
        {"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.load(reply)
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{path} {body}: {error.read().decode()}") from None


class Marks:
    """Notices that follow the pushes of a command on each connection, as marks of its end."""

    def __init__(self, *contexts):
        self.count = 0
        self.notices = [Pushes(context, "notify") for context in contexts]

    def pass_by(self):
        """Wait until all connections have handled everything up to now."""
        self.count += 1
        command("sim_notify", notice="device_lock_enabled")
        for notices in self.notices:
            assert notices.wait(lambda seen=notices.seen: self._marks(seen) == self.count, 20)

    @staticmethod
    def _marks(seen):
        return sum(push["value"][0] == "GTW_EVENT" for push in seen["notify"])
