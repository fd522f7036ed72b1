"""The parts of the broker; `simulator.broker` puts them together."""
