"""Mistakes in a request say in words what to write."""

import asyncio
import json
from typing import Any
from unittest.mock import Mock

import pytest
from aiohttp import StreamReader, web
from aiohttp.test_utils import make_mocked_request
from pydantic import BaseModel

from receiver.api.errors import BadJson, FieldMistake
from receiver.api.models.acting import Assignment, Declaring, Snooze
from receiver.api.models.delivery import DeliveriesQuery, DeliveryPath
from receiver.api.models.incident import IncidentPath
from receiver.api.models.incident_list import IncidentsQuery
from receiver.api.models.schedule import OverridePath
from receiver.api.reading import body_values, path_values, query_values
from receiver.api.shapes import Nothing
from receiver.settings import ReceiverSettings

DECLARING = {"title": "Checkout is slow", "severity": "critical"}


def request(path: str = "/", **match_info: str) -> web.Request:
    return make_mocked_request("GET", path, match_info=match_info)


async def read(kind: type[BaseModel], body: bytes) -> BaseModel:
    stream = StreamReader(Mock(), 2**16, loop=asyncio.get_running_loop())
    stream.feed_data(body)
    stream.feed_eof()
    sent = make_mocked_request("POST", "/", headers={"Content-Type": "application/json"}, payload=stream)
    return (await body_values(sent, kind, optional=False, settings=ReceiverSettings()))[0]


@pytest.mark.parametrize(
    ("kind", "body", "message"),
    [
        (Assignment, {"to": "bob"}, "write a Slack user id, such as U0ALICE"),
        (Declaring, {**DECLARING, "channel": "#ops"}, "write the id of a Slack channel, such as C024BE91L"),
        (Declaring, {**DECLARING, "title": "x" * 1000}, "write at most 150 characters"),
        (Snooze, {"for": "0s"}, "it must be longer than nothing: write a duration such as 2h"),
        (Nothing, {"x": 1}, "there is no such field"),
        (Assignment, {"to": None, "who": "U0ALICE"}, "there is no such field; there are to"),
    ],
)
async def test_a_field_says_what_to_write(kind: type[BaseModel], body: dict[str, Any], message: str) -> None:
    with pytest.raises(FieldMistake) as told:
        await read(kind, json.dumps(body).encode())
    assert [one["message"] for one in told.value.errors] == [message]


def test_a_path_and_a_query_say_what_to_write() -> None:
    incident = "write `INC-12`, as people say it, or the incident's `id`, such as INC-1"
    assert said(lambda: path_values(request(incident="x"), IncidentPath)) == incident
    assert said(lambda: path_values(request(override="x"), OverridePath)) == "write its id, such as 1"
    assert said(lambda: path_values(request(delivery="x"), DeliveryPath)) == "write the delivery's `id`, such as 1"
    assert said(lambda: query_values(request("/?assignee=bob"), IncidentsQuery)).endswith("`none`, such as U0ALICE")
    assert said(lambda: query_values(request(f"/?text={'x' * 3000}"), IncidentsQuery)) == "write at most 200 characters"
    source = said(lambda: query_values(request("/?source=G"), DeliveriesQuery))
    assert source == "write a source's name, as in the URL of the webhook, such as grafana"


def said(read: Any) -> str:
    with pytest.raises(FieldMistake) as told:
        read()
    [one] = told.value.errors
    return str(one["message"])


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"[NaN]", "the body is not JSON: NaN is not a JSON number"),
        (b'{"a": "\n"}', "the body is not JSON: Invalid control character at line 1, column 8"),
        (b'{"a": "\xff"}', "the body is not UTF-8: byte 7 is 0xff"),
        (b" ", "the body is empty, JSON was expected"),
    ],
)
async def test_what_is_no_json_is_said_once(body: bytes, message: str) -> None:
    with pytest.raises(BadJson) as told:
        await read(Nothing, body)
    assert str(told.value) == message
