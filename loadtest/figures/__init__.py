"""What a load did, in figures: counts, rates, latency, sizes, hours."""
