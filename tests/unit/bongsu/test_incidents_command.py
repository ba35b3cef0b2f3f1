"""`bongsu incidents` against an API that is played: what is asked, what is said, and how it ends."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
import responses

from bongsu.cli import main
from bongsu.client.api import TRIES, Api
from bongsu.client.settings import ApiSettings, read_api_settings
from incidents.errors import InvalidInput

URL = "http://127.0.0.1:8080"
BASE = f"{URL}/api/v1"
KEY = "bongsu_" + "k" * 43
INCIDENT: dict[str, Any] = {
    "id": 7, "number": 12, "name": "INC-12", "title": "Checkout 5xx", "status": "acknowledged", "severity": "critical",
    "source": "grafana", "rule_uid": "checkout", "alert_name": "CheckoutErrors", "owner": "U0BOB", "firing": 3,
    "place": {"cluster": "prod-a", "namespace": "pay", "service": "checkout", "phase": ""}, "series_count": 4,
    "alert_count": 9, "start_time": "2026-03-02T01:00:00Z", "acknowledged_time": "2026-03-02T01:03:00Z",
    "acknowledged_by": "U0BOB", "is_noise": False, "flapping": True, "snoozed_until": None, "new_field": 1,
}  # fmt: skip

Said = tuple[int, str, str]
Run = Callable[..., Said]


def problem(status: int, name: str, detail: str, **more: Any) -> dict[str, Any]:
    told = {"type": f"urn:bongsu:problem:{name}", "title": "t", "status": status, "detail": detail, **more}
    return {"json": told, "status": status, "content_type": "application/problem+json"}


@pytest.fixture
def played() -> Any:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What it waited between tries; it does not really."""
    waited: list[float] = []
    monkeypatch.setattr("bongsu.cli.incidents.Api", lambda *given, **more: Api(*given, **more, sleep=waited.append))
    return waited


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], played: Any, pauses: list[float]) -> Run:
    monkeypatch.delenv("BONGSU_API_URL", raising=False)
    monkeypatch.setenv("BONGSU_API_KEY", KEY)

    def incidents(*arguments: str) -> Said:
        code = main(["incidents", *arguments])
        told = capsys.readouterr()
        assert KEY not in told.out + told.err
        return code, told.out, told.err

    return incidents


# What is asked


@pytest.mark.parametrize(
    ("arguments", "path", "body"),
    [
        (["ack", "INC-12"], "INC-12/acknowledge", {}),
        (["ack", "inc-12"], "INC-12/acknowledge", {}),
        (["unack", "7"], "7/unacknowledge", {}),
        (["resolve", "INC-12"], "INC-12/resolve", {}),
        (["resolve", "INC-12", "--note", "rolled back"], "INC-12/resolve", {"note": "rolled back"}),
        (["reopen", "INC-12"], "INC-12/reopen", {}),
        (["noise", "INC-12", "--reason", "flaky"], "INC-12/noise", {"reason": "flaky"}),
        (["real", "INC-12"], "INC-12/real", {}),
        (["wake", "INC-12"], "INC-12/wake", {}),
        (["assign", "INC-12", "U0BOB"], "INC-12/assign", {"to": "U0BOB"}),
        (["assign", "INC-12", "none"], "INC-12/assign", {"to": None}),
        (["snooze", "INC-12", "--for", "90m"], "INC-12/snooze", {"for": "1h30m"}),
        (
            ["snooze", "INC-12", "--until", "2026-12-01T09:00+09:00"],
            "INC-12/snooze",
            {"until": "2026-12-01T09:00:00+09:00"},
        ),
        (["note", "INC-12", "pool\ntoo small"], "INC-12/notes", {"text": "pool\ntoo small"}),
        (["escalate", "INC-12"], "INC-12/escalate", {}),
        (["merge", "INC-12", "--into", "INC-10"], "INC-12/merge", {"into": "INC-10"}),
        (["unmerge", "INC-12"], "INC-12/unmerge", {}),
        (
            ["declare", "--title", "Site down", "--severity", "critical", "--service", "web"],
            "",
            {"title": "Site down", "severity": "critical", "service": "web"},
        ),
    ],
)
def test_each_command_asks_for_its_change_once(
    run: Run, played: Any, arguments: list[str], path: str, body: dict[str, Any]
) -> None:
    played.post(f"{BASE}/incidents/{path}".rstrip("/"), json=INCIDENT)
    code, out, err = run(*arguments, "--on-behalf-of", "U0ALICE")
    assert (code, err) == (0, "")
    assert out == "INC-12 is acknowledged, flapping (U0BOB): Checkout 5xx\n"
    [call] = played.calls
    assert json.loads(call.request.body) == body
    assert call.request.headers["Authorization"] == f"Bearer {KEY}"
    assert call.request.headers["On-Behalf-Of"] == "U0ALICE"
    assert len(call.request.headers["Idempotency-Key"]) == 32
    code, out, _ = run(*arguments, "--json")
    assert (code, json.loads(out)) == (0, INCIDENT)
    assert "On-Behalf-Of" not in played.calls[1].request.headers


def test_a_list_asks_for_open_ones_and_goes_on_page_by_page(run: Run, played: Any) -> None:
    played.get(f"{BASE}/incidents", json={"items": [INCIDENT] * 200, "next_cursor": "abc"})
    played.get(f"{BASE}/incidents", json={"items": [{**INCIDENT, "name": "INC-1"}], "next_cursor": None})
    code, out, _ = run("list", "--limit", "300", "--since", "2h", "--text", "a&b", "--severity", "critical,error")
    assert (code, len(out.splitlines())) == (0, 202)
    first, second = (call.request.params for call in played.calls)
    assert first.pop("since").endswith("+00:00")
    assert first == {
        "status": "active,acknowledged", "severity": "critical,error", "text": "a&b", "limit": "200",
    }  # fmt: skip
    assert (second["cursor"], second["limit"], second["text"]) == ("abc", "100", "a&b")


@pytest.mark.parametrize(("told", "asked"), [("resolved", "resolved"), ("any", None), ("active,resolved",) * 2])
def test_a_list_of_other_ones_is_asked_for(run: Run, played: Any, told: str, asked: str | None) -> None:
    played.get(f"{BASE}/incidents", json={"items": [], "next_cursor": None})
    assert run("list", "--status", told) == (0, "There is no such incident.\n", "")
    assert played.calls[0].request.params.get("status") == asked


def test_a_list_is_narrowed_down_by_where_it_is_and_who_told(run: Run, played: Any) -> None:
    played.get(f"{BASE}/incidents", json={"items": [], "next_cursor": None})
    wanted = {"cluster": "prod-a", "namespace": "pay", "service": "checkout", "phase": "prod", "source": "grafana"}
    assert run("list", *(f"--{name}={value}" for name, value in wanted.items()))[0] == 0
    assert played.calls[0].request.params.items() >= wanted.items()


APPROVAL = {
    "id": 7, "incident": "INC-12", "wanted": "resolve", "asked_by": "U0ALICE", "decided_by": "U0BOB", "reason": "",
}  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "body", "answer", "said"),
    [
        (["approve"], {}, {"outcome": "approved"}, "approved by U0BOB; what U0ALICE asked for (resolve) is done"),
        (
            ["decline", "--reason", "not yet"], {"reason": "not yet"}, {"outcome": "declined", "reason": "not yet"},
            "declined by U0BOB; what U0ALICE asked for (resolve) is not done: not yet",
        ),
        (["decline"], {}, {"outcome": "declined"}, "declined by U0BOB; what U0ALICE asked for (resolve) is not done"),
        (
            ["withdraw"], {}, {"outcome": "withdrawn"},
            "withdrawn by U0BOB; what U0ALICE asked for (resolve) is not done",
        ),
    ],
)  # fmt: skip
def test_what_waits_for_a_second_person_is_decided_by_the_incident_s_name(
    run: Run, played: Any, arguments: list[str], body: dict[str, str], answer: dict[str, str], said: str
) -> None:
    played.get(f"{BASE}/approvals", json={"items": [APPROVAL], "next_cursor": None})
    played.post(f"{BASE}/approvals/7/{arguments[0]}", json={**APPROVAL, **answer})
    assert run(arguments[0], "INC-12", *arguments[1:]) == (0, f"INC-12: {said}\n", "")
    looked, decided = (call.request for call in played.calls)
    assert looked.params == {"incident": "INC-12", "status": "open", "limit": "1"}
    assert json.loads(decided.body) == body


def test_where_nothing_waits_nothing_is_decided(run: Run, played: Any) -> None:
    played.get(f"{BASE}/approvals", json={"items": [], "next_cursor": None})
    code, out, err = run("approve", "INC-12")
    assert (code, out, "INC-12 waits for nobody" in err, len(played.calls)) == (1, "", True, 1)


# What is said


@pytest.mark.parametrize(("status", "what"), [("acknowledged", "closed"), ("resolved", "marked as noise")])
def test_what_takes_a_second_person_is_not_called_done(run: Run, played: Any, status: str, what: str) -> None:
    waits = {**INCIDENT, "status": status, "approval_until": "2026-03-02T01:20:00.123456Z"}
    for path in ("resolve", "noise", "acknowledge"):
        played.post(f"{BASE}/incidents/INC-12/{path}", json=waits, status=202)
    for command in ("resolve", "noise"):
        code, out, _ = run(command, "INC-12")
        first, second = out.splitlines()
        assert (code, first.partition(":")[0]) == (0, f"nothing is {what} yet")
        assert first.endswith("a second person is asked until 2026-03-02 01:20:00 UTC")
        assert second.endswith("bongsu incidents approve INC-12")
    assert "nothing is" not in run("ack", "INC-12")[1]


def test_a_list_is_a_table_or_lines_of_json(run: Run, played: Any) -> None:
    hostile = {**INCIDENT, "title": "a\x1b[2Jb\nc\u202e", "owner": None, "place": {}, "start_time": "soon"}
    played.get(f"{BASE}/incidents", json={"items": [INCIDENT, hostile], "next_cursor": "more"})
    heading, first, second, more = run("list", "--limit", "2")[1].splitlines()
    assert heading.split() == ["incident", "severity", "status", "owner", "firing", "where", "since", "title"]
    assert first.split()[:5] == ["INC-12", "critical", "acknowledged,", "flapping", "U0BOB"]
    assert "prod-a/pay/checkout" in first
    assert ("nobody" in second, "\x1b" in second, "\u202e" in second) == (True, False, False)
    assert more == "these are the newest 2; --limit shows more"
    assert [json.loads(one) for one in run("list", "--limit", "2", "--json")[1].splitlines()] == [INCIDENT, hostile]


def test_one_is_shown_with_what_has_happened_to_it(run: Run, played: Any) -> None:
    event = {"at": "2026-03-02T01:03:00Z", "actor": "U0BOB", "kind": "acknowledged", "data": {"via": "ci", "n": 2}}
    played.get(f"{BASE}/incidents/INC-12", json=INCIDENT)
    played.get(f"{BASE}/incidents/INC-12/timeline", json={"items": [event], "next_cursor": None})
    code, out, _ = run("show", "INC-12")
    assert (code, out.splitlines()[0]) == (0, "INC-12  Checkout 5xx")
    for part in ("acknowledged  2026-03-02 01:03:00 UTC by U0BOB", "prod-a/pay/checkout", "3 of 4 fire", "via=ci n=2"):
        assert part in out
    assert json.loads(run("show", "INC-12", "--json")[1]) == {"incident": INCIDENT, "timeline": [event]}


def test_of_one_that_two_have_closed_both_are_told_and_nothing_that_is_empty(run: Run, played: Any) -> None:
    ended = {**INCIDENT, "status": "resolved", "resolved_by": "U0ALICE", "approved_by": "U0BOB"}
    data = {"note": "", "mention": "<@U0ALICE>", "until": "2026-03-02T01:20:00.123456+00:00", "was": None, "firing": 0}
    event = {"at": "2026-03-02T01:05:00.654321Z", "actor": "U0ALICE", "kind": "approval_asked", "data": data}
    played.get(f"{BASE}/incidents/INC-12", json=ended)
    played.get(f"{BASE}/incidents/INC-12/timeline", json={"items": [event], "next_cursor": None})
    out = run("show", "INC-12")[1]
    assert "  approved by   U0BOB\n" in out
    entry = out.splitlines()[-1]
    assert entry.split("U0ALICE")[1].strip() == "until=2026-03-02 01:20:00 UTC firing=0"
    assert entry.startswith("  2026-03-02 01:05:00 UTC")


# What goes wrong

REFUSED = {
    "no key": (problem(401, "no-key", "this API key was revoked: send Authorization: …"), 2, "(this API key was revo"),
    "scope": (problem(403, "out-of-scope", "this key has the role read"), 1, "this key has the role read"),
    "absent": (problem(404, "incident-not-found", "There is no incident INC-12."), 1, "There is no incident INC-12."),
    "state": (problem(409, "already-acknowledged", "U0BOB has it"), 1, "U0BOB has it"),
    "version": (problem(412, "version-changed", "it is at version 8"), 1, "it has changed meanwhile: it is at"),
    "field": (
        problem(422, "field-mistake", "x", errors=[{"field": "body.until", "message": "it is past"}]),
        2, "until: it is past",
    ),
    "header": (problem(400, "bad-header", "On-Behalf-Of: no"), 2, "On-Behalf-Of: no"),
    "older server": (problem(405, "no-such-method", "POST can't be used"), 1, "older than this command"),
    "mistake": (problem(500, "internal", "x"), 3, "went wrong in Bongsu"),
    "hostile": (problem(409, "x", "a\x1b[31m\nb"), 1, "bongsu: a[31m b"),
    "html": ({"body": "<html>", "status": 200}, 3, "is not the API of Bongsu (it answers 200, and no JSON)"),
    "a list": ({"json": [], "status": 200}, 3, "is not the API of Bongsu"),
    "another's": ({"json": {"error": "nothing"}, "status": 404}, 3, "(it answers 404: nothing)"),
    "redirect": (
        {"body": "", "status": 302, "headers": {"Location": "https://login.example"}}, 3, "redirects to https://login",
    ),
    "tls": ({"body": requests.exceptions.SSLError("certificate verify failed")}, 3, "TLS failed (certificate verify"),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "code", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_is_said_in_one_line_and_not_tried_again(
    run: Run, played: Any, pauses: list[float], answer: dict[str, Any], code: int, why: str
) -> None:
    played.post(f"{BASE}/incidents/INC-12/acknowledge", **answer)
    ended, out, err = run("ack", "INC-12")
    assert (ended, out, err.count("\n"), err.startswith("bongsu: ")) == (code, "", 1, True)
    assert why in err
    assert (len(played.calls), pauses) == (1, [])


@pytest.mark.parametrize(
    ("failure", "why"),
    [
        ({"body": requests.ConnectionError("Connection refused")}, "can't be reached (Connection refused)"),
        ({"body": requests.ReadTimeout("slow")}, "does not answer in time: whether it was done is not known"),
        (
            problem(503, "unavailable", "the database can't be reached"),
            "can't do it now: the database can't be reached",
        ),
        (problem(429, "too-many-requests", "wait 1 s"), "too much was asked"),
    ],
)
def test_what_may_pass_is_tried_again_as_the_same_request(
    run: Run, played: Any, pauses: list[float], failure: dict[str, Any], why: str
) -> None:
    path = f"{BASE}/incidents/INC-12/acknowledge"
    played.post(path, **failure)
    played.post(path, json=INCIDENT)
    assert run("ack", "INC-12")[0] == 0
    assert len({call.request.headers["Idempotency-Key"] for call in played.calls}) == 1
    assert (len(played.calls), len(pauses)) == (2, 1)
    played.reset()
    played.post(path, **failure)
    code, _, err = run("ack", "INC-12")
    assert (code, why in err, len(played.calls)) == (3, True, TRIES), err


def test_it_waits_as_long_as_it_is_asked_to_within_bounds(run: Run, played: Any, pauses: list[float]) -> None:
    path = f"{BASE}/incidents/INC-12/acknowledge"
    for asked in ("4", "3600", "-1"):
        played.post(path, **problem(503, "unavailable", "x"), headers={"Retry-After": asked})
    played.post(path, json=INCIDENT)
    assert run("ack", "INC-12")[0] == 0
    assert pauses == [4.0, 5.0, 2.0]


@pytest.mark.parametrize(
    "arguments",
    [
        [], ["list", "--status", "open"], ["list", "--limit", "0"], ["list", "--since", "soon"], ["show", "checkout"],
        ["show", "INC-0"], ["show", "../keys"], ["ack", "INC-1", "--on-behalf-of", "bob"], ["snooze", "INC-1"],
        ["snooze", "INC-1", "--until", "2026-12-01T09:00"], ["assign", "INC-1", "@bob"], ["merge", "INC-1"],
        ["declare", "--title", "x"], ["ack", "INC-1", "--on-behalf-of", "U0BOB\r\nX: y"],
    ],
)  # fmt: skip
def test_arguments_that_can_not_be_used_ask_nothing(run: Run, played: Any, arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        run(*arguments)
    assert len(played.calls) == 0


# Settings


@pytest.mark.parametrize(
    ("given", "field", "why"),
    [
        ({}, "BONGSU_API_KEY", "bongsu apikey create"),
        ({"BONGSU_API_KEY": f'"{KEY}"'}, "BONGSU_API_KEY", "quotes around it"),
        ({"BONGSU_API_KEY": f"{KEY} {KEY}"}, "BONGSU_API_KEY", "blanks"),
        ({"BONGSU_API_KEY": f"{KEY}é"}, "BONGSU_API_KEY", "no key has"),
        ({"BONGSU_API_KEY": "xoxb-1"}, "BONGSU_API_KEY", "does not begin with bongsu_"),
        ({"BONGSU_API_KEY": KEY, "BONGSU_API_KEY_FILE": "x"}, "BONGSU_API_KEY", "both"),
        ({"BONGSU_API_KEY_FILE": "absent"}, "BONGSU_API_KEY_FILE", "can't be read"),
        ({"BONGSU_API_KEY": KEY, "BONGSU_API_URL": "bongsu:8080"}, "BONGSU_API_URL", "no http(s) URL"),
        ({"BONGSU_API_KEY": KEY, "BONGSU_API_URL": "http://"}, "BONGSU_API_URL", "no http(s) URL"),
        ({"BONGSU_API_KEY": KEY, "BONGSU_API_URL": "http://[::1"}, "BONGSU_API_URL", "no http(s) URL"),
        ({"BONGSU_API_KEY": KEY, "BONGSU_API_URL": "http://a:99999"}, "BONGSU_API_URL", "no http(s) URL"),
        ({"BONGSU_API_KEY": KEY, "BONGSU_API_URL": f"http://x:{KEY}@a"}, "BONGSU_API_URL", "the key belongs into"),
        ({"BONGSU_API_KEY": KEY, "BONGSU_API_URL": f"http://a/?key={KEY}"}, "BONGSU_API_URL", "the key belongs into"),
    ],
)
def test_a_wrong_setting_is_named_and_no_key_is_quoted(given: dict[str, str], field: str, why: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_api_settings(given)
    assert (refused.value.field, why in refused.value.problem, KEY in str(refused.value)) == (field, True, False)


@pytest.mark.parametrize(
    ("url", "read"),
    [("", URL), ("https://b.example/", "https://b.example"), ("https://b.example/bongsu/api/v1/", "https://b.example/bongsu")],
)  # fmt: skip
def test_the_address_may_end_as_people_write_it(url: str, read: str, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(f"{KEY}\n")
    told = read_api_settings({"BONGSU_API_URL": url, "BONGSU_API_KEY_FILE": str(path)})
    assert told == ApiSettings(read, KEY)
    assert KEY not in repr(told)


def test_a_password_of_the_machine_never_takes_the_place_of_the_key(
    run: Run, played: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login x password y\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    played.post(f"{BASE}/incidents/INC-12/acknowledge", json=INCIDENT)
    assert run("ack", "INC-12")[0] == 0
    assert played.calls[0].request.headers["Authorization"] == f"Bearer {KEY}"


def test_the_help_names_settings_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["incidents", "--help"])
    told = capsys.readouterr().out
    assert [word for word in ("BONGSU_API_URL", "BONGSU_API_KEY_FILE", "exit codes") if word not in told] == []
