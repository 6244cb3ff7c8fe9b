"""One module per GP Connect interaction, each the whole story of it. Knows nothing of the web framework."""
