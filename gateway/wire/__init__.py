"""Bytes only: frames, ciphers, bodies. Knows no session and no simulator."""
