"""Digests: what has happened in a day or a week, told to a channel."""
