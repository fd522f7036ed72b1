"""Renders the page about the operations console from its command table."""

from collections.abc import Iterator
from typing import Final

from telnet_ops.commands import STANDARD_COMMANDS
from telnet_ops.registry import Command
from telnet_ops.texts import limit_text

_INTRODUCTION: Final = """
One table of commands, for whoever operates a running OpenD:

* typed into the program itself (`-console=1`, the default);
* by telnet, once `telnet_port` is set: lines end with CR LF (a bare LF is ignored), answers are GB2312,
  and there is no prompt and no password;
* by protocol 1008 (`TestCmd`): the name in `cmd`, the parameters in `paramStr`, the answer in `resultStr`.
  Files are not written for clients.

```
cmd -param_key1=param_value1 -param_key2=param_value2
```

A value may also follow after a blank, and quotes hold blanks together. Frequency limits hold over all
three ways together. The documentation's own example works as it stands (`telnetlib` needs Python below 3.13):

```python
from telnetlib import Telnet
with Telnet('127.0.0.1', 22222) as tn:
    tn.write(b'help -cmd=exit\\r\\n')
    reply = b''
    while True:
        msg = tn.read_until(b'\\r\\n', timeout=0.5)
        reply += msg
        if msg == b'':
            break
    print(reply.decode('gb2312'))
```

Commands that begin with `sim_` are the emulator's own.

"""


def console_page(generated: str) -> str:
    """The whole page.

    Args:
        generated: The line that says how the page came about.
    """
    commands = "\n".join(_command(entry) for entry in STANDARD_COMMANDS)
    return f"# Operations console\n\n{generated}\n{_INTRODUCTION}{commands}"


def _command(entry: Command) -> str:
    return "\n".join(_lines(entry)) + "\n"


def _lines(entry: Command) -> Iterator[str]:
    yield f"## {entry.name}"
    yield ""
    yield f"{entry.chinese.title} · {entry.english.description}"
    if entry.aliases:
        yield ""
        yield f"Also: {', '.join(f'`{name}`' for name in entry.aliases)}."
    if entry.parameters:
        yield ""
        yield "| parameter | | meaning |"
        yield "| --- | --- | --- |"
    for parameter in entry.parameters:
        need = "required" if parameter.is_required else "optional"
        meaning = entry.english.parameters[parameter.name]
        yield f"| `-{parameter.name}=` | {need} | {meaning} |"
    if entry.limit is not None:
        yield ""
        yield f"Limit: {limit_text(entry.limit).en}."
