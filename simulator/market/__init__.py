"""What is quoted: universe, prices, tape, books, candles."""
