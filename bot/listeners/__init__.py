"""What Slack sends: thin listeners that parse, call a use case, and acknowledge after it is committed.

Commit before ack: what runs after it is cancelled when the process is told to stop.
"""

from bot.listeners.register import register

__all__ = ["register"]
