"""`bongsu grafana setup` against a stand-in for Grafana: the whole way, again, edited by hand, half-failing, slow."""

import copy
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bongsu.cli import main
from tests.grafana_stand_in import DATABASE_PASSWORD, REDACTED, TOKEN, Grafana, running, written_dashboard

SECRET = "the-secret-that-signs-alerts"
BEARER = "the-token-of-the-webhook"
SECRETS = (TOKEN, SECRET, BEARER, DATABASE_PASSWORD)
RULES = """\
apiVersion: 1
groups:
  - orgId: 1
    name: Bongsu
    folder: Bongsu
    interval: 1m
    rules:
      - uid: bongsu-down
        title: Bongsu is down
        condition: B
        for: 90s
        dashboardUid: bongsu-itself
        panelId: 2
        data:
          - {refId: A, datasourceUid: prometheus, relativeTimeRange: {from: 300, to: 0}, model: {expr: up, refId: A}}
          - {refId: B, datasourceUid: __expr__, model: {type: threshold, expression: A, refId: B}}
        annotations:
          summary: "{{ $$labels.instance }} is down"
          runbook_url: https://bongsu.example.com/docs/reference/metrics.md#down
        labels: {severity: critical}
"""

Said = tuple[int, str]
Setup = Callable[..., Said]


@pytest.fixture
def grafana() -> Iterator[Grafana]:
    with running(Grafana()) as stand_in:
        yield stand_in


@pytest.fixture
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What Bongsu brings along: two dashboards and one alert rule."""
    root = tmp_path / "dashboards"
    (root / "alerts").mkdir(parents=True)
    (root / "incidents.json").write_text(written_dashboard("bongsu-incidents", "Incidents"))
    (root / "quality.json").write_text(written_dashboard("bongsu-alert-quality", "Alert quality"))
    (root / "alerts" / "grafana.yaml").write_text(RULES)
    monkeypatch.setattr("bongsu.grafana.packaged.root", lambda: root)
    return root


@pytest.fixture
def setup(
    grafana: Grafana, packaged: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Setup:
    environment = {
        "BONGSU_GRAFANA_URL": grafana.url,
        "BONGSU_GRAFANA_TOKEN": TOKEN,
        "BONGSU_GRAFANA_DATABASE_PASSWORD": DATABASE_PASSWORD,
        "BONGSU_GRAFANA_HMAC_SECRET": SECRET,
        "BONGSU_WEBHOOK_TOKEN": BEARER,
        "BONGSU_PUBLIC_URL": "https://bongsu.example.com",
        "BONGSU_DATABASE_URL": "mysql+asyncmy://bongsu:not-for-grafana@db.example.com/bongsu",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str, yes: bool = True) -> Said:
        code = main(["grafana", "setup", *(["--yes"] if yes else []), *arguments])
        told = capsys.readouterr()
        said = told.out + told.err
        assert [secret for secret in (*SECRETS, "not-for-grafana") if secret in said] == []
        return code, said

    return run


PROMETHEUS = ("--prometheus-url", "http://prometheus.example.com:9090")


def test_all_of_it_is_set_up(grafana: Grafana, setup: Setup) -> None:
    code, said = setup(*PROMETHEUS, "--label", "cluster=prod-a", "--slack-url", "https://acme.slack.com")
    assert (code, said.splitlines()[0]) == (0, f"Grafana 12.1.0 at {grafana.url}")
    assert "7 to make, 1 to change" in said
    assert '[1/8] folder "Bongsu" … done\n' in said
    assert said.endswith("all is as wanted\n")
    source = grafana.sources["bongsu-mysql"]
    assert (source["url"], source["user"], source["jsonData"]["timezone"]) == (
        "db.example.com:3306",
        "grafana",
        "+00:00",
    )
    contact = grafana.contacts["bongsu"]
    assert contact["settings"]["url"] == "https://bongsu.example.com/webhooks/grafana?cluster=prod-a"
    assert contact["settings"]["hmacConfig"]["secret"] == SECRET
    assert (contact["provenance"], grafana.provenance_of_policies) == ("", "")  # people may still edit both
    assert grafana.policies["routes"][0] == {"receiver": "Bongsu", "continue": True}
    saved = grafana.dashboards["bongsu-incidents"]
    chosen = {one["name"]: one["current"]["value"] for one in saved["dashboard"]["templating"]["list"]}
    assert chosen == {"datasource": "bongsu-mysql", "tenant": "default", "slack_url": "https://acme.slack.com"}
    assert saved["folder"] == "bongsu"
    rule = grafana.groups["bongsu", "Bongsu"]["rules"][0]
    assert rule["annotations"] == {
        "summary": "{{ $labels.instance }} is down",
        "__dashboardUid__": "bongsu-itself",
        "__panelId__": "2",
    }
    assert [query["datasourceUid"] for query in rule["data"]] == ["bongsu-prometheus", "__expr__"]


def test_a_second_run_writes_only_the_secret_that_nobody_can_compare(grafana: Grafana, setup: Setup) -> None:
    setup(*PROMETHEUS)
    before = copy.deepcopy((grafana.sources, grafana.contacts, grafana.policies, grafana.dashboards, grafana.groups))
    grafana.asked.clear()
    code, said = setup(*PROMETHEUS)
    assert code == 0
    assert "1 whose secret is written again, 7 as wanted already" in said
    assert grafana.written == ["PUT /api/v1/provisioning/contact-points/bongsu"]
    now = (grafana.sources, grafana.contacts, grafana.policies, grafana.dashboards, grafana.groups)
    assert before == now


def test_a_dry_run_shows_all_and_changes_nothing(grafana: Grafana, setup: Setup) -> None:
    code, said = setup("--dry-run", yes=False)
    assert (code, grafana.written) == (0, [])
    assert '        +  "url": "db.example.com:3306"' in said
    assert '"password": "********"' in said
    assert '"secret": "********"' in said
    assert "nothing was changed (--dry-run)" in said


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("\n", 2), ("", 2)])
def test_on_a_terminal_it_asks(
    grafana: Grafana, setup: Setup, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    monkeypatch.setattr("bongsu.cli.grafana._is_terminal", lambda: True)
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    assert setup(yes=False)[0] == code
    assert bool(grafana.written) is (code == 0)


class Meanwhile(io.StringIO):
    """A person who says yes, after somebody else has done something."""

    def __init__(self, does: Callable[[], object]) -> None:
        super().__init__()
        self._does = does

    def readline(self, *_: object) -> str:
        self._does()
        return "y\n"


def test_what_somebody_changes_while_it_asks_is_not_overwritten(
    grafana: Grafana, setup: Setup, packaged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup()
    grafana.policies = {"receiver": "team-mail"}
    (packaged / "incidents.json").write_text(written_dashboard("bongsu-incidents", "Newer"))

    def others_are_faster() -> None:
        grafana.policies = {"receiver": "team-mail", "group_by": ["team"]}
        grafana.edit_dashboard("bongsu-incidents", title="Theirs")
        grafana.sources["bongsu-mysql"]["version"] += 1

    monkeypatch.setattr("bongsu.cli.grafana._is_terminal", lambda: True)
    monkeypatch.setattr("sys.stdin", Meanwhile(others_are_faster))
    code, said = setup("--database-name", "other", yes=False)
    assert code == 1
    assert "✗ notification policy: somebody has changed the policies since they were looked at" in said
    assert '✗ dashboard "Newer": somebody has changed it since it was looked at, so it was left alone' in said
    assert '✗ data source "Bongsu (MySQL)": another one is in its place, or somebody changed it just now' in said
    assert grafana.policies == {"receiver": "team-mail", "group_by": ["team"]}
    assert grafana.dashboards["bongsu-incidents"]["dashboard"]["title"] == "Theirs"


def test_without_a_terminal_it_does_nothing_unless_told(grafana: Grafana, setup: Setup) -> None:
    code, said = setup(yes=False)
    assert (code, grafana.written) == (2, [])
    assert "run it with --yes" in said


@pytest.mark.parametrize("version", ["10.4.1", "12.1.0"])
def test_a_dashboard_that_people_edited_is_kept_and_said(
    grafana: Grafana, setup: Setup, packaged: Path, version: str
) -> None:
    grafana.version = version
    setup()
    grafana.edit_dashboard("bongsu-incidents", description="ours")
    for name, uid in (("incidents", "bongsu-incidents"), ("quality", "bongsu-alert-quality")):
        (packaged / f"{name}.json").write_text(written_dashboard(uid, "Newer"))
    code, said = setup()
    assert code == 0
    assert 'kept    dashboard "Newer": somebody has edited it' in said
    assert "version 2 by ada at 2026-03-02 10:00" in said
    assert "schemaVersion" not in said  # which Grafana itself has raised
    assert said.endswith('not all is as asked for: above stands why this is kept as it is: dashboard "Newer"\n')
    assert grafana.dashboards["bongsu-incidents"]["dashboard"]["title"] == "Incidents"
    assert grafana.dashboards["bongsu-alert-quality"]["dashboard"]["title"] == "Newer"
    code, said = setup("--overwrite")
    assert "that is overwritten" in said
    assert grafana.dashboards["bongsu-incidents"]["dashboard"]["title"] == "Newer"
    assert "change" not in setup()[1].split("\n\n")[0]


def test_it_stays_in_the_folder_that_people_moved_it_to(grafana: Grafana, setup: Setup, packaged: Path) -> None:
    setup()
    grafana.folders["ours"] = {"uid": "ours", "title": "Ours"}
    grafana.dashboards["bongsu-incidents"]["folder"] = "ours"
    (packaged / "incidents.json").write_text(written_dashboard("bongsu-incidents", "Newer"))
    setup()
    assert grafana.dashboards["bongsu-incidents"]["folder"] == "ours"


def test_what_fails_half_way_is_listed_and_the_next_run_goes_on(grafana: Grafana, setup: Setup) -> None:
    grafana.broken["POST", "/api/folders"] = (500, {"message": "database is locked"})
    code, said = setup()
    assert code == 1
    assert '  ✓ contact point "Bongsu"\n' in said
    assert '  ✗ folder "Bongsu": something went wrong in Grafana (500: database is locked)' in said
    assert '  · dashboard "Incidents" was not tried: it needs the folder "Bongsu"\n' in said
    assert "run the same again" in said
    grafana.broken.clear()
    grafana.asked.clear()
    assert setup()[0] == 0
    assert "POST /api/datasources" not in grafana.written
    assert set(grafana.dashboards) == {"bongsu-incidents", "bongsu-alert-quality"}


def test_what_may_not_be_seen_does_not_hold_up_the_rest(grafana: Grafana, setup: Setup) -> None:
    grafana.denied = {"contact-points:read"}
    code, said = setup()
    assert code == 1
    assert 'can\'t   contact point "Bongsu": the credential may not do that' in said
    assert "Permissions needed: contact-points:read" in said
    assert "role Admin" in said
    assert set(grafana.dashboards) == {"bongsu-incidents", "bongsu-alert-quality"}


def test_a_grafana_that_does_not_answer_ends_it_and_the_next_run_sees_what_was_done(
    grafana: Grafana, setup: Setup
) -> None:
    grafana.silent.add(("POST", "/api/datasources"))
    code, said = setup("--timeout", "1")
    assert code == 3
    assert "did not answer within 1 s (whether it was done is not known, the next run looks)" in said
    assert 'contact point "Bongsu" was not tried' in said
    grafana.silent.clear()
    assert setup()[0] == 0
    assert grafana.sources["bongsu-mysql"]["version"] == 1


def test_a_token_that_is_not_known_is_one_sentence(
    grafana: Grafana, setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BONGSU_GRAFANA_TOKEN", "glsa_another")
    code, said = setup()
    assert (code, grafana.written) == (2, [])
    assert "bongsu: Grafana does not know the credential (Invalid API key)" in said


def test_a_wrong_database_password_is_told_and_can_be_mended(
    grafana: Grafana, setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BONGSU_GRAFANA_DATABASE_PASSWORD", "a-wrong-password")
    assert "done, but Grafana can't use it yet:" in setup()[1]
    monkeypatch.delenv("BONGSU_GRAFANA_DATABASE_PASSWORD")
    assert 'same    data source "Bongsu (MySQL)": but Grafana can\'t use it' in setup()[1]
    monkeypatch.setenv("BONGSU_GRAFANA_DATABASE_PASSWORD", DATABASE_PASSWORD)
    assert "its secrets are written again" in setup()[1]
    assert 'same    data source "Bongsu (MySQL)"\n' in setup()[1]


def test_what_people_set_besides_stays(grafana: Grafana, setup: Setup) -> None:
    setup()
    source, contact = grafana.sources["bongsu-mysql"], grafana.contacts["bongsu"]
    source["name"], source["jsonData"]["maxQueries"], source["url"] = "Incidents (MySQL)", 7, "old.example.com:3306"
    contact["settings"]["maxAlerts"] = "0"
    contact["disableResolveMessage"] = True
    _, said = setup()
    assert '        -  "url": "old.example.com:3306"' in said
    source, contact = grafana.sources["bongsu-mysql"], grafana.contacts["bongsu"]
    assert (source["name"], source["jsonData"]["maxQueries"]) == ("Incidents (MySQL)", 7)
    assert (source["url"], source["secureJsonData"]["password"]) == ("db.example.com:3306", DATABASE_PASSWORD)
    assert (contact["settings"]["maxAlerts"], contact["disableResolveMessage"]) == ("0", False)


def test_options_of_the_first_run_need_not_be_said_again(grafana: Grafana, setup: Setup, packaged: Path) -> None:
    grafana.flat_secrets = True
    setup(*PROMETHEUS, "--label", "cluster=prod-a", "--slack-url", "https://acme.slack.com")
    grafana.asked.clear()
    setup()
    assert grafana.written == ["PUT /api/v1/provisioning/contact-points/bongsu"]
    assert grafana.contacts["bongsu"]["settings"]["url"].endswith("?cluster=prod-a")
    (packaged / "incidents.json").write_text(written_dashboard("bongsu-incidents", "Newer"))
    setup("--skip", "datasource")
    variables = grafana.dashboards["bongsu-incidents"]["dashboard"]["templating"]["list"]
    assert [one["current"]["value"] for one in variables] == ["bongsu-mysql", "default", "https://acme.slack.com"]


def test_default_labels_move_along_to_another_address(grafana: Grafana, setup: Setup) -> None:
    setup("--label", "cluster=prod-a", "--label", "phase=prod")
    code, said = setup("--bongsu-url", "https://incidents.example.com/webhooks/grafana/")
    moved = "https://incidents.example.com/webhooks/grafana?cluster=prod-a&phase=prod"
    assert (code, grafana.contacts["bongsu"]["settings"]["url"]) == (0, moved)
    assert "its default labels stay: cluster=prod-a&phase=prod" in said
    assert f'        +    "url": "{moved}"' in said
    assert "--bongsu-url is taken as https://incidents.example.com, as /webhooks/grafana is added to it" in said
    grafana.contacts["bongsu"]["settings"]["url"] = "https://hooks.example.net/in?key=hunter2&cluster=prod-b"
    setup()
    assert grafana.contacts["bongsu"]["settings"]["url"].endswith("/webhooks/grafana?cluster=prod-b")


def test_what_our_own_route_matches_can_be_changed(grafana: Grafana, setup: Setup) -> None:
    grafana.policies["routes"] = [{"receiver": "team-mail", "object_matchers": [["team", "=", "b"]]}]
    setup()
    code, said = setup("--match", "severity=critical")
    assert (code, said.endswith("all is as wanted\n")) == (0, True)
    assert '        +          "critical"' in said
    assert grafana.policies["routes"] == [
        {"receiver": "Bongsu", "object_matchers": [["severity", "=", "critical"]], "continue": True},
        {"receiver": "team-mail", "object_matchers": [["team", "=", "b"]]},
        {"receiver": "grafana-default-email", "object_matchers": [["severity", "=", "critical"]]},
    ]
    assert "same    notification policy\n" in setup("--match", "severity=critical")[1]
    assert "same    notification policy: only alerts that match severity=critical go there" in setup()[1]
    setup("--match", "alertname=~.*")
    assert grafana.policies["routes"][0]["object_matchers"] == [["alertname", "=~", ".*"]]


def test_a_tree_that_sends_here_only_partly_is_kept_and_not_called_as_wanted(grafana: Grafana, setup: Setup) -> None:
    setup("--skip", "policy")
    ours = {"receiver": "Bongsu", "object_matchers": [["bongsu", "=", "test"]]}
    grafana.policies["routes"] = [{"object_matchers": [["team", "=", "b"]], "routes": [ours]}]
    before = copy.deepcopy(grafana.policies)
    code, said = setup("--match", "severity=critical")
    assert (code, grafana.policies) == (0, before)
    assert "kept    notification policy: it sends to Bongsu already, by routes that setup did not write" in said
    assert "(at team=b → bongsu=test), which stay as they are: --match is not in force." in said
    assert '{"receiver": "Bongsu", "object_matchers": [["severity", "=", "critical"]], "continue": true}' in said
    assert said.endswith("not all is as asked for: above stands why this is kept as it is: notification policy\n")


def test_rules_that_pass_by_the_policies_are_named(grafana: Grafana, setup: Setup) -> None:
    def rule(title: str, receiver: str) -> dict[str, object]:
        return {"title": title, "notification_settings": {"receiver": receiver}}

    grafana.rules_of_others = [{"title": "By policy"}, rule("Ours", "Bongsu"), *(rule(one, "sms") for one in "ABCDE")]
    told = '5 rules name theirs themselves, so no policy brings its alerts here: "A", "B", "C" and 2 more\n'
    assert told in setup()[1]
    grafana.denied = {"alert-rules:read"}
    code, said = setup()
    assert (code, "same    notification policy\n" in said) == (0, True)


def test_runbook_links_lead_to_where_docs_are_or_nowhere(grafana: Grafana, setup: Setup) -> None:
    docs = "https://git.example.com/bongsu/docs"

    def link() -> object:
        return grafana.groups["bongsu", "Bongsu"]["rules"][0]["annotations"].get("runbook_url")

    assert "without --docs-url, new alert rules have no runbook links" in setup(*PROMETHEUS)[1]
    assert link() is None
    assert 'change  alert rules "Bongsu"' in setup(*PROMETHEUS, "--docs-url", f"{docs}/")[1]
    assert link() == f"{docs}/reference/metrics.md#down"
    assert 'same    alert rules "Bongsu"' in setup(*PROMETHEUS)[1]
    grafana.groups["bongsu", "Bongsu"]["rules"][0]["annotations"]["runbook_url"] = "https://bongsu.example.com/docs/x"
    assert 'change  alert rules "Bongsu"' in setup(*PROMETHEUS)[1]  # as earlier versions wrote it
    assert link() is None


def test_a_port_that_speaks_http_alone_is_told_from_a_bad_certificate(grafana: Grafana, setup: Setup) -> None:
    code, said = setup("--url", grafana.url.replace("http://", "https://"))
    assert code == 3
    assert said.endswith(f"what answers there speaks no TLS. If it speaks http: write {grafana.url}\n")


def test_a_database_that_does_not_answer_grafana_holds_nothing_up(grafana: Grafana, setup: Setup) -> None:
    grafana.silent.add(("GET", "/api/datasources/uid/bongsu-mysql/health"))
    code, said = setup("--timeout", "1")
    assert code == 0
    assert "done, but Grafana can't use it yet: its test has no end in time" in said
    assert grafana.policies["routes"]


def test_a_contact_point_made_by_hand_is_taken_over(grafana: Grafana, setup: Setup) -> None:
    made = {"url": "https://bongsu.example.com/webhooks/grafana", "username": "grafana", "password": "old-password"}
    grafana.contacts["by-hand"] = {
        "uid": "by-hand", "name": "Bongsu", "type": "webhook", "settings": made, "provenance": "",
    }  # fmt: skip
    grafana.policies["routes"] = [{"receiver": "team-mail", "routes": [{"receiver": "Bongsu"}]}]
    before = copy.deepcopy(grafana.policies)
    code, said = setup()
    assert (code, list(grafana.contacts), grafana.policies) == (0, ["by-hand"], before)
    assert "old-password" not in said
    assert "username" not in grafana.contacts["by-hand"]["settings"]
    assert grafana.contacts["by-hand"]["settings"]["hmacConfig"]["secret"] not in ("", REDACTED)


def test_what_is_managed_elsewhere_is_left_alone(grafana: Grafana, setup: Setup) -> None:
    setup(*PROMETHEUS)
    grafana.policies = {"receiver": "team-mail"}
    grafana.provenance_of_policies = "api"
    grafana.contacts["bongsu"] |= {"provenance": "file", "disableResolveMessage": True}
    grafana.sources["bongsu-mysql"] |= {"readOnly": True, "url": "replica:3306"}
    grafana.edit_dashboard("bongsu-incidents", title="Provisioned")
    grafana.dashboards["bongsu-incidents"]["provisioned"] = True
    grafana.groups["bongsu", "Bongsu"]["rules"][0] |= {"provenance": "file", "for": "5m"}
    grafana.asked.clear()
    code, said = setup(*PROMETHEUS, "--overwrite")
    assert (code, grafana.written) == (0, [])
    assert "5 kept as it is" in said
    assert 'add this route to it: {"receiver": "Bongsu", "continue": true}' in said


def test_alert_rules_that_people_tuned_are_kept(grafana: Grafana, setup: Setup) -> None:
    setup(*PROMETHEUS)
    grafana.groups["bongsu", "Bongsu"]["rules"][0]["for"] = "10m"
    assert 'kept    alert rules "Bongsu"' in setup(*PROMETHEUS)[1]
    setup(*PROMETHEUS, "--overwrite")
    assert grafana.groups["bongsu", "Bongsu"]["rules"][0]["for"] == "1m30s"


def test_an_older_grafana_gets_the_credential_that_it_knows(
    grafana: Grafana, setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    grafana.version = "11.6.0"
    assert "can't sign what it sends" in setup()[1]
    assert grafana.contacts["bongsu"]["settings"]["authorization_credentials"] == BEARER
    monkeypatch.delenv("BONGSU_WEBHOOK_TOKEN")
    code, said = setup()
    assert code == 1
    assert "set BONGSU_WEBHOOK_TOKEN or BONGSU_WEBHOOK_BASIC as well" in said


def test_a_grafana_that_is_too_old_is_told_so(grafana: Grafana, setup: Setup) -> None:
    grafana.version = "9.5.2"
    code, said = setup()
    assert (code, grafana.written) == (1, [])
    assert "Grafana 9.5.2 is too old: this needs 10.0 or newer" in said
