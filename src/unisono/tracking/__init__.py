"""Tracking: what a customer may know of an order, by a link that nobody can guess."""
