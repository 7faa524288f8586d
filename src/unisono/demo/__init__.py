"""The demo: a French retailer, real orders to replay, and the small committed data behind them."""
