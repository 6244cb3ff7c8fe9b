"""Charts as inline SVG: pure functions from points to text, coloured by the page's own style sheet."""
