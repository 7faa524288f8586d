"""What unisono is measured with: each module sets itself up and prints JSON as its last line."""
