"""Scenarios: what is to happen to the simulation, when or on what condition, as a file says it."""
