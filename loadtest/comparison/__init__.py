"""Two runs side by side: what differs beyond what chance explains."""
