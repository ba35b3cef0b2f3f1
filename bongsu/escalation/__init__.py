"""Escalation in words for a terminal: which policy holds, and the future of an incident that nobody takes."""
