"""How `gpload` itself reaches a provider: connections, TLS, the list of practices."""
