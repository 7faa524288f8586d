"""Analytics: figures over everything, read through views and decided on by nobody."""
