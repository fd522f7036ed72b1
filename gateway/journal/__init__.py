"""What every connection sent and got, kept for tests to look at."""
