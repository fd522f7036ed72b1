"""What goes wrong on purpose: which frames suffer, when, and how. Pure; it sees no bytes."""
