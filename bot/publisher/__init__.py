"""The publisher: it makes Slack agree with the database, one outbox row at a time."""

from bot.publisher.loop import Publisher

__all__ = ["Publisher"]
