"""Who owns what: cash, positions, fees, margin."""
