"""What `bongsu grafana setup` says when Grafana, or what answers in its place, does not do what it is asked."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import responses

from bongsu.cli import main
from bongsu.client.errors import ClientError, NotReached
from bongsu.grafana import contact_point, datasources, policy
from bongsu.grafana.access import Access
from bongsu.grafana.client import PAUSES, Grafana
from bongsu.grafana.version import look, parsed
from bongsu.grafana.wanted import Contact, Credential, PartName
from receiver.auth import Way

URL = "https://grafana.example.com"
TOKEN = "glsa_0123456789"
HEALTH = f"{URL}/api/health"


@pytest.fixture
def played() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def grafana(pauses: list[float]) -> Grafana:
    return Grafana(Access(URL, TOKEN), sleep=pauses.append)


def error_of(call: Callable[[], Any]) -> ClientError:
    with pytest.raises(ClientError) as raised:
        call()
    assert TOKEN not in str(raised.value)
    return raised.value


@pytest.mark.parametrize(
    ("status", "told", "words", "code"),
    [
        (401, {"message": "Invalid API key"}, "does not know the credential (Invalid API key)", 2),
        (403, {"message": "Permissions needed: folders:create"}, "may not do that (Permissions needed", 1),
        (404, {"message": "Data source not found"}, "is not there in Grafana, or is there no more (Data source", 1),
        (409, {"message": "a folder with the same name already exists"}, "another one is in its place", 1),
        (412, {"status": "version-mismatch", "message": "changed"}, "somebody has changed it since it was looked", 1),
        (412, {"status": "name-exists", "message": "x"}, "rename or delete that one", 1),
        (412, {"status": "plugin-dashboard", "message": "x"}, "belongs to a plugin", 1),
        (422, {"message": "invalid panel"}, "finds a mistake in it (invalid panel)", 1),
        (400, {"message": "bad", "error": "no uid"}, "finds a mistake in it (bad: no uid)", 1),
        (429, {}, "has too much to do", 3),
        (500, {"message": "locked"}, "something went wrong in Grafana (500: locked)", 1),
        (502, {}, "can't answer now (502", 3),
        (418, {"message": "a teapot\x1b[2J"}, "Grafana answers 418 (a teapot", 1),
    ],
)
def test_each_refusal_says_what_to_do(
    played: responses.RequestsMock, grafana: Grafana, status: int, told: dict[str, Any], words: str, code: int
) -> None:
    played.post(f"{URL}/api/folders", json=told, status=status)
    error = error_of(lambda: grafana.post("/api/folders", {}))
    assert words in str(error)
    assert "\x1b" not in str(error)
    assert error.exit_code == code
    assert len(played.calls) == 1  # what writes is never tried twice


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"body": "<html>Log in</html>", "content_type": "text/html"}, "(200, a page (HTML)): is the address right"),
        ({"json": {"status": "up"}}, "/api/health is not Grafana's"),
        ({"json": ["a"]}, "/api/health is no object"),
        ({"json": {"message": "no"}, "status": 404}, "/api/health is not Grafana's"),
        ({"status": 302, "headers": {"Location": "https://sso.example.com/login"}}, "redirects to https://sso.example"),
        ({"body": "<html>Forbidden</html>", "status": 403, "content_type": "text/html"}, "does no login page or proxy"),
        ({"body": "<html>502</html>", "status": 502, "content_type": "text/html"}, "can't answer now (502: a page"),
        ({"body": requests.exceptions.SSLError("certificate verify failed")}, "TLS failed (certificate verify failed)"),
        (
            {"body": requests.exceptions.SSLError("[SSL: NO_X] verify failed: self-signed certificate (_ssl.c:1006)")},
            "TLS failed (self-signed certificate): see",
        ),
        ({"body": requests.ConnectionError("[Errno 111] Connection refused")}, "can't be reached ([Errno 111]"),
        ({"body": requests.ConnectTimeout()}, "can't be reached in time"),
        ({"body": requests.ReadTimeout()}, "did not answer within 30 s (nothing was changed by that)"),
        ({"body": requests.exceptions.InvalidHeader()}, "InvalidHeader: is the address right?"),
    ],
)
def test_what_is_no_grafana_is_told_from_one(
    played: responses.RequestsMock, grafana: Grafana, answer: dict[str, Any], words: str
) -> None:
    played.get(HEALTH, **answer)
    error = error_of(lambda: look(grafana))
    assert words in str(error)
    assert isinstance(error, NotReached)


def test_reading_is_tried_again_for_what_may_pass(
    played: responses.RequestsMock, grafana: Grafana, pauses: list[float]
) -> None:
    played.get(HEALTH, status=503, json={})
    played.get(HEALTH, body=requests.ConnectionError("reset"))
    played.get(HEALTH, json={"database": "ok", "version": "12.0.1"})
    assert (look(grafana).major, pauses) == (12, list(PAUSES))


def test_an_answer_that_drips_has_an_end_in_time(pauses: list[float]) -> None:
    """Each piece comes in time, so a time-out that begins anew with each would never be over."""
    over = threading.Event()

    class Dripping(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{")
            for _ in range(50):
                if over.wait(0.1):
                    return
                self.request.sendall(b" ")
            self.request.sendall(b"}")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Dripping) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        grafana = Grafana(
            Access(f"http://127.0.0.1:{server.server_address[1]}", TOKEN, seconds=0.4), sleep=pauses.append
        )
        try:
            assert "did not answer within 0.4 s" in str(error_of(lambda: grafana.get("/api/health")))
        finally:
            over.set()
            server.shutdown()


def test_an_answer_without_end_is_not_read(
    played: responses.RequestsMock, grafana: Grafana, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bongsu.grafana.deadline.LARGEST", 1000)
    played.get(f"{URL}/api/folders/x", body=b"x" * 1001)
    assert "answers with more than" in str(error_of(lambda: grafana.get("/api/folders/x")))


def test_the_credential_is_sent_and_no_password_of_netrc(
    played: responses.RequestsMock, grafana: Grafana, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine grafana.example.com login root password hunter2\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    played.get(f"{URL}/api/folders/x", json={})
    grafana.get("/api/folders/x")
    Grafana(Access(URL, login=("bob", "pässword"))).get("/api/folders/x")
    sent = [call.request.headers["Authorization"] for call in played.calls]
    assert sent == [f"Bearer {TOKEN}", "Basic Ym9iOnDDpHNzd29yZA=="]


def test_a_hidden_version_is_asked_for_elsewhere(played: responses.RequestsMock, grafana: Grafana) -> None:
    played.get(HEALTH, json={"database": "ok"})
    played.get(f"{URL}/api/frontend/settings", json={"buildInfo": {"version": "11.2.0"}})
    assert look(grafana).text == "11.2.0"


@pytest.mark.parametrize(
    ("text", "major", "signs"), [("12.3.0-17858", 12, True), ("11.6.0+security-01", 11, False), ("", None, True)]
)
def test_versions_are_read_as_grafana_writes_them(text: str, major: int | None, *, signs: bool) -> None:
    version = parsed(text)
    assert (version.major, version.signs) == (major, signs)


@pytest.mark.parametrize(
    ("url", "words"), [("http://localhost:8080/x", "localhost is, for Grafana, its own machine"), ("https://b/x", "")]
)
def test_a_bongsu_that_grafana_can_t_reach_is_said(
    played: responses.RequestsMock, grafana: Grafana, url: str, words: str
) -> None:
    played.get(f"{URL}/api/v1/provisioning/contact-points", json=[])
    contact = Contact(url, (Credential(Way.BEARER, "a-token"),))
    step = contact_point.look(grafana, contact, parsed("12.0.0"))
    assert step.note.startswith(words)
    assert bool(step.note) is bool(words)


@pytest.mark.parametrize(
    ("look_at", "words"),
    [
        (contact_point.find, "Grafana has no contact points: is its alerting switched off"),
        (lambda grafana: policy.look(grafana, ()), "Grafana has no contact points: is its alerting switched off"),
        (lambda grafana: datasources.look_for(grafana, "x"), "there is no data source with the uid x"),
    ],
)
def test_what_grafana_lacks_is_named(
    played: responses.RequestsMock, grafana: Grafana, look_at: Callable[[Grafana], Any], words: str
) -> None:
    for path in ("v1/provisioning/contact-points", "v1/provisioning/policies", "datasources/uid/x"):
        played.get(f"{URL}/api/{path}", status=404, json={"message": "Not found"})
    assert words in str(error_of(lambda: look_at(grafana)))


ENVIRONMENT = {
    "BONGSU_GRAFANA_URL": URL,
    "BONGSU_GRAFANA_TOKEN": TOKEN,
    "BONGSU_PUBLIC_URL": "https://bongsu.example.com",
    "BONGSU_WEBHOOK_TOKEN": "a-token-of-the-webhook",
    "BONGSU_DATABASE_URL": "mysql+asyncmy://bongsu:secret@db.example.com/bongsu",
}


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        ([], {"BONGSU_GRAFANA_URL": ""}, "--url: it is not said where Grafana is"),
        (["--url", "grafana"], {}, "--url: it is no http(s) URL"),
        (["--url", "https://admin:hunter2@x"], {}, "the credential belongs into BONGSU_GRAFANA_TOKEN"),
        ([], {"BONGSU_GRAFANA_TOKEN": ""}, "write the token of a service account with the role Admin"),
        ([], {"BONGSU_GRAFANA_TOKEN": '"hunter2"'}, "BONGSU_GRAFANA_TOKEN: it has quotes around it"),
        ([], {"BONGSU_GRAFANA_TOKEN": "hunter2 x"}, "BONGSU_GRAFANA_TOKEN: it has blanks"),
        (["--token-file", "/nowhere"], {}, "the file for BONGSU_GRAFANA_TOKEN: /nowhere can't be read"),
        (["--user", "admin"], {}, "BONGSU_GRAFANA_PASSWORD: it is not set: write the password of admin"),
        (["--password-file", "/nowhere"], {}, "a password is given, but not whose"),
        ([], {"BONGSU_PUBLIC_URL": ""}, "--bongsu-url: it is not said where Grafana reaches Bongsu"),
        (["--bongsu-url", "https://x/?a=1"], {}, "--bongsu-url: it is no plain http(s) URL"),
        ([], {"BONGSU_WEBHOOK_TOKEN": ""}, "BONGSU_GRAFANA_HMAC_SECRET: no webhook credential is set here"),
        ([], {"BONGSU_WEBHOOK_TOKEN": "", "BONGSU_WEBHOOK_KEYS_ONLY": "1"}, "API keys alone open the door there"),
        (["--tenant", "acme"], {}, "bongsu apikey create --role ingest --tenant acme --name grafana"),
        ([], {"BONGSU_DATABASE_URL": ""}, "--database-host: BONGSU_DATABASE_URL is not set here, or an SQLite file"),
        (["--database-user", "bongsu"], {}, "'bongsu' is Bongsu's own user, which may write"),
        (["--database-host", "mysql://u:hunter2@h"], {}, "--database-host: it is no host: write host:port alone"),
        (["--database-host", "db:70000"], {}, "--database-host: its port is no number from 1 to 65535"),
        (["--database-host", "2001:db8::1"], {}, "write db.example.com:3306, or [2001:db8::1]:3306"),
        (["--docs-url", "docs"], {}, "--docs-url: it is no plain http(s) URL"),
        (["--database-ca-file", __file__], {}, "holds no certificate"),
        (["--prometheus-url", "prometheus:9090"], {}, "--prometheus-url: it is no plain http(s) URL"),
        (["--slack-url", "acme"], {}, "--slack-url: it is no plain http(s) URL"),
    ],
)
def test_a_mistake_is_one_sentence_that_says_what_to_write(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    environment: dict[str, str],
    words: str,
) -> None:
    for name, value in {**ENVIRONMENT, **environment}.items():
        monkeypatch.setenv(name, value)
    assert main(["grafana", "setup", *arguments]) == 2
    told = capsys.readouterr()
    assert words in told.err
    assert "hunter2" not in told.err
    assert told.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--token", "hunter2"], "a secret after --token can be read by every user of this machine"),
        (["--password=hunter2"], "name that by --password-file, or set BONGSU_GRAFANA_PASSWORD"),
        (["--match", "severity"], "is no matcher: write it as in severity=~critical|error"),
        (["--match", "severity=~("], "'(' is no expression"),
        (["--label", "team=a"], "is no default label"),
        (["--skip", "everything"], ", ".join(PartName)),
        (["--timeout", "soon"], "is no number of seconds"),
        (["--prometheus-url", "http://x", "--prometheus-uid", "y"], "not allowed with argument"),
    ],
)
def test_a_wrong_argument_is_told_and_no_secret_repeated(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["grafana", "setup", *arguments])
    told = capsys.readouterr().err
    assert words in told
    assert "hunter2" not in told
