"""Protocol 1008: the commands of the operations console, for clients."""

from __future__ import annotations

from gateway.pb import TestCmd
from gateway.registry import Call, handles
from gateway.wire.proto_ids import ProtoId


@handles(ProtoId.TestCmd)
def run_command(call: Call, c2s: TestCmd.C2S) -> TestCmd.S2C:
    """Run one command of the console; what is wrong with it is told as its result.

    The reply leaves after everything that the command caused: after `sim_clock -advance=60s` the
    minute has passed and its pushes were sent. `resultStr` is always there: clients up to 10.0 require it.

    Source: [P] TestCmd.proto and its older forms; [I] everything else: the same commands, limits and
        texts as on the console, but no files, since a client may sit on another machine.
    """
    call.waits_for_effects = True
    line = f"{c2s.cmd} {c2s.paramStr}"
    return TestCmd.S2C(cmd=c2s.cmd, resultStr=call.opend.run_command(line, call.now_ns))
