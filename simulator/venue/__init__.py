"""Where orders meet: order state, price-time priority, trading rules."""
