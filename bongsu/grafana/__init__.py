"""Connects a Grafana: what is wanted there, what is there, what differs, and the same as files."""
