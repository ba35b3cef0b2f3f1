"""Logs: facts as fields. JSON where a machine reads them, a line where a person does."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from base import log_context, tracing

_KNOWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_COLOURS = {"WARNING": "\033[33m", "ERROR": "\033[31m", "CRITICAL": "\033[31m"}
_PLAIN = "\033[0m"
_OURS = ("base", "bongsu", "bot", "dashboards", "db", "incidents", "jobs", "receiver", "sandbox")
_QUIET = {"asyncmy": logging.ERROR, "apscheduler": logging.WARNING, "apscheduler.scheduler": logging.ERROR,
          "aiohttp.access": logging.WARNING, "alembic": logging.WARNING, "slack_sdk": logging.WARNING,
          "slack_bolt": logging.WARNING, "sqlalchemy": logging.WARNING, "opentelemetry": logging.CRITICAL}  # fmt: skip
"""The scheduler warns of each tick that comes while its job still runs. That is as it should be: how long jobs take and
when each last came to its end is in the metrics."""


def set_up(level: str) -> None:
    """Log to standard error from this level on: readable on a terminal, else one JSON object a line.

    What is not ours tells no details: they are statements with their values, requests with their bodies.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(ForPeople() if sys.stderr.isatty() else ForMachines())
    wanted = logging.getLevelName(level)
    logging.basicConfig(level=max(logging.INFO, wanted), handlers=[handler], force=True)
    for name in _OURS:
        logging.getLogger(name).setLevel(wanted)
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(max(least, wanted))


class ForMachines(logging.Formatter):
    """``{"at": …, "level": …, "logger": …, "message": …, "action": …, …}``

    With ``trace_id`` and ``span_id`` where something is traced.
    """

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_place(),
            **_fields(record),
        }
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False, default=str)


class ForPeople(logging.Formatter):
    """``10:00:01 WARNING slack did not take it  action=outbox_failed outbox=3``"""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).astimezone().strftime("%H:%M:%S")
        fields = " ".join(f"{name}={value}" for name, value in _fields(record).items())
        colour = _COLOURS.get(record.levelname, "")
        line = f"{at} {colour}{record.levelname:<7}{_PLAIN if colour else ''} {record.getMessage()}  {fields}".rstrip()
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    """What it belongs to, and what was given as ``extra``."""
    return {**log_context.facts(), **{name: value for name, value in vars(record).items() if name not in _KNOWN}}


def _place() -> dict[str, str]:
    """Of what is under way where the line is logged, which is where it is formatted."""
    span = tracing.current()
    if not span.trace_id:
        return {}
    span.keep()
    return {"trace_id": span.trace_id, "span_id": span.span_id}
