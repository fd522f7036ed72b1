"""The operations console; knows the gateway only through a Protocol."""
