"""Slack's Web API: one file per family of methods, a table of them all, and the HTTP around it."""
