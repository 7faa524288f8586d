"""The loops behind the API: positions, listeners and timed work."""
