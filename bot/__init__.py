"""Slack: what people see (blocks), what they do (listeners, commands), and the way between (Bolt)."""
