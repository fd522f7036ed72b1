"""Speaks OpenD's protocol: bytes in, bytes out, over the simulator."""
