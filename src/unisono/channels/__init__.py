"""Where sales are made, and on which terms."""
