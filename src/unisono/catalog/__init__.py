"""What is sold and counted: SKUs."""
