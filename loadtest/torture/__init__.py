"""Torture: a provider is killed and restarted under load, through a network that drops and delays.

Whatever happens to the server and to the connections, what it acknowledged must hold; the judge says so.
"""
