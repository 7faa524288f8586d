"""The console: pages rendered here, for the people who run a retailer and for its customers."""
