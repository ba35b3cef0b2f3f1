"""The domain: what an incident is, what may happen to it, and what it needs from the outside (ports)."""
