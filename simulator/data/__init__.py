"""Static facts shipped with the package: the universe, the calendars."""
