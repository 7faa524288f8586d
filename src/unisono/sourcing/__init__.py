"""Choosing the locations that serve an order: pure functions over arrays, and their explanation."""
