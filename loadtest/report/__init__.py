"""From the evidence to a verdict, and the verdict for a terminal and for programs."""
