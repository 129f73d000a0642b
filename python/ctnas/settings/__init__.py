"""Options that know their type, bounds and meaning."""
