"""Pytest fixtures that run strategies against an OpenD emulator of their own.

The package imports nothing of the emulator: the gateway is a process, and the SDK of any release lives
undisturbed in the process of the tests.
"""
