"""What every command shares: console, config file, signals, locks, progress, atomic files."""
