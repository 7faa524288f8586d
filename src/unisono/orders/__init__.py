"""Orders: captured once from every channel, changed along one lifecycle, state per quantity."""
