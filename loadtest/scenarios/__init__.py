"""The scenarios: what the clients do. Only modules that Locust itself loads import Locust."""
