"""Money that was received for orders: each payment of a provider counted once."""
