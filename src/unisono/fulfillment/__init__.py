"""Fulfillment: the work that locations are asked to do, from release to the customer's hands."""
