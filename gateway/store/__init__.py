"""Keeps what must outlive the process, and says when it is safe to tell of it."""
