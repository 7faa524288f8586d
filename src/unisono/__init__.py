"""unisono conducts the orders of a retailer whose channels all sell from one stock."""

__version__ = "0.1.0"
