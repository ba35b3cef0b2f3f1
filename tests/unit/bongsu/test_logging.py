"""Lines of the log say what they belong to."""

import json
import logging
from typing import Any

from base import log_context, tracing
from bongsu.logging import ForMachines, ForPeople
from tests.traced import traced


def record(**extra: Any) -> logging.LogRecord:
    made = logging.makeLogRecord({"name": "receiver", "levelname": "INFO", "msg": "committed"})
    vars(made).update(extra)
    return made


def line(**extra: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(ForMachines().format(record(**extra)))
    return told


def test_a_line_says_what_is_bound_where_it_is_logged_and_its_own_facts_go_first() -> None:
    with log_context.bound(request_id="r", delivery=1):
        assert line(action="a", delivery=2).items() >= {"request_id": "r", "delivery": 2, "action": "a"}.items()
        assert ForPeople().format(record()).endswith("committed  request_id=r delivery=1")
    assert "request_id" not in line()


def test_ids_of_the_trace_are_there_where_something_is_traced() -> None:
    with traced():
        assert "trace_id" not in line()
        with tracing.span("a") as span:
            assert line().items() >= {"trace_id": span.trace_id, "span_id": span.span_id}.items()
    assert "trace_id" not in line()


def test_a_span_that_a_line_names_is_there_to_be_found() -> None:
    with traced() as seen:
        with tracing.span("tick", is_quiet=True):
            line()
        assert seen.names == ["tick"]
