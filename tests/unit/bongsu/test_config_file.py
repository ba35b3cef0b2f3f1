"""What a team decides in bongsu.yaml about labels and sources, and one test per mistake."""

from datetime import timedelta
from pathlib import Path

import pytest

from bongsu.config_file import read_policy
from incidents.errors import InvalidInput
from incidents.policy import LabelMap, Limits, Policy, SourcePolicy, StormPolicy
from incidents.roles import Role, Roles


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bongsu.yaml"


def read(path: Path, text: str) -> Policy:
    path.write_text(text, "utf-8")
    return read_policy(path, required=True)


def test_an_empty_file_works(path: Path) -> None:
    assert read(path, "") == Policy()


def test_lists_of_labels_replace_and_lists_of_names_add(path: Path) -> None:
    policy = read(path, "labels: {service: [squad], phases: [KR-Live], exporters: [' SNMP-exporter ']}")
    assert policy.labels == LabelMap(service=("squad",), phases=frozenset({"kr-live"}), exporters=("snmp-exporter",))


def test_a_source_says_what_its_alerts_do_not_and_how_often_it_repeats(path: Path) -> None:
    policy = read(
        path, "sources: {grafana: {default_labels: {cluster: ' prod-a ', severity: warning}, repeat_interval: 90m}}"
    )
    expected = SourcePolicy({"cluster": "prod-a", "severity": "warning"}, timedelta(minutes=90))
    assert policy.source("grafana") == expected
    assert policy.labels.defaults == {"grafana": expected.default_labels}


def test_every_key_of_a_source_is_optional(path: Path) -> None:
    assert read(path, "sources: {grafana: {}}").source("grafana") == SourcePolicy()


def test_a_limit_that_is_not_named_is_the_default(path: Path) -> None:
    assert read(path, "limits: {timeline: 50, labels: 1}").limits == Limits(timeline=50, labels=1)


@pytest.mark.parametrize(
    ("text", "storm"),
    [
        ("storm: {above: 30}", StormPolicy(above=30)),
        ("storm: {calm: 5m}", StormPolicy(calm=timedelta(minutes=5))),
        ("storm: {above: 0}", StormPolicy(above=0)),
        ("storm: off", StormPolicy(above=0)),
        ("storm: 'off'", StormPolicy(above=0)),
        ("storm:", StormPolicy()),
    ],
)
def test_a_storm_has_a_rate_and_a_calm_or_is_off(path: Path, text: str, storm: StormPolicy) -> None:
    assert read(path, text).storm == storm


@pytest.mark.parametrize(
    ("text", "field", "problem"),
    [
        ("sources: {nagios: {}}", "sources.nagios", "there is no source 'nagios': use grafana"),
        ("sources: {grafana: {default_labels: {pod: x}}}", "sources.grafana.default_labels.pod", "'pod' can't have"),
        (
            "sources: {grafana: {default_labels: {severity: nonsense}}}",
            "sources.grafana.default_labels.severity",
            "'nonsense' is no severity: use critical",
        ),
        ("sources: {grafana: {default_labels: {cluster: ' '}}}", "sources.grafana.default_labels.cluster", "is empty"),
        (
            "sources: {grafana: {default_labels: {cluster: 1}}}",
            "sources.grafana.default_labels.cluster",
            "text is needed",
        ),
        ("sources: {grafana: {repeat_interval: 4}}", "sources.grafana.repeat_interval", "'4' is no duration"),
        ("sources: {grafana: {repeat_interval: 0s}}", "sources.grafana.repeat_interval", "can't be zero"),
        ("sources: {grafana: {repeat: 4h}}", "sources.grafana.repeat", "no such key"),
        ("limits: {timeline: 0}", "limits.timeline", "'0' is no limit: write a whole number from 1 to 1000000"),
        ("limits: {labels: 1.5}", "limits.labels", "'1.5' is no limit"),
        ("limits: {labels: yes}", "limits.labels", "'True' is no limit"),
        ("limits: {open_incidents: '20000'}", "limits.open_incidents", "is no limit"),
        ("limits: {series_per_incident: 1000001}", "limits.series_per_incident", "is no limit"),
        ("limits: {incidents_per_rule: }", "limits.incidents_per_rule", "'None' is no limit"),
        ("limits: {series: 5}", "limits.series", "no such key"),
        ("storm: {above: -1}", "storm.above", "'-1' is no rate: write how many new incidents a minute"),
        ("storm: {above: yes}", "storm.above", "'True' is no rate"),
        ("storm: {above: }", "storm.above", "'None' is no rate"),
        ("storm: {calm: 2}", "storm.calm", "'2' is no duration"),
        ("storm: {calm: 2d}", "storm.calm", "out of range: write how long it must be calm, from 1s to 1h"),
        ("storm: {after: 2m}", "storm.after", "no such key"),
        ("storm: on", "storm", "a mapping is needed"),
        ("labels: {phases: prod}", "labels.phases", "list"),
        ("labels: {exporters: [snmp, '']}", "labels.exporters", "an empty name"),
    ],
)
def test_a_mistake_is_named(path: Path, text: str, field: str, problem: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(path, text)
    assert refused.value.field == f"bongsu.yaml: {field}"
    assert problem in refused.value.problem


def test_roles_are_given_to_people_and_to_groups_and_the_highest_counts(path: Path) -> None:
    policy = read(
        path,
        """
        roles:
          default: viewer
          viewer: ["<@U0CAROL>"]
          responder: ["@OnCall", "<@U0BOB|bob>", U0CAROL, S0LEADS]
          admin: ["<!subteam^S0LEADS|@leads>", W0DAVE]
        """,
    )
    assert policy.roles == Roles(
        Role.VIEWER,
        {"U0CAROL": Role.RESPONDER, "U0BOB": Role.RESPONDER, "W0DAVE": Role.ADMIN},
        {"@oncall": Role.RESPONDER, "S0LEADS": Role.ADMIN},
    )


@pytest.mark.parametrize("text", ["roles:", "roles: {}", "roles: {default: responder}"])
def test_everybody_is_a_responder_where_nothing_else_is_said(path: Path, text: str) -> None:
    assert read(path, text).roles == Roles()


def test_a_workspace_has_a_language(path: Path) -> None:
    assert read(path, "slack: {language: ko}").language == "ko"
    assert read(path, "").language == "en"


@pytest.mark.parametrize(
    ("text", "field", "problem"),
    [
        ("slack: {language: fr}", "slack.language", "'fr' is no language that Bongsu speaks: use en or ko"),
        ("roles: {default: boss}", "roles.default", "'boss' is no role: use viewer, responder, admin"),
        ("roles: {boss: []}", "roles.boss", "there is no such key"),
        ("roles: {admin: [alice]}", "roles.admin.0", "'alice' is nobody: write \"<@U…>\" for a person"),
        ("roles: {admin: ['<@alice>']}", "roles.admin.0", "'<@alice>' is nobody"),
        ("roles: {admin: ['@']}", "roles.admin.0", "'@' is nobody"),
        ("roles: {admin: [C0INCIDENTS]}", "roles.admin.0", "'C0INCIDENTS' is nobody"),
        ("roles: {admin: [7]}", "roles.admin.0", "text is needed"),
    ],
)
def test_a_mistake_about_people_is_named(path: Path, text: str, field: str, problem: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(path, text)
    assert caught.value.field == f"bongsu.yaml: {field}"
    assert problem in caught.value.problem


def test_a_file_in_another_encoding_says_how_to_save_it(path: Path) -> None:
    path.write_bytes("slack: {default_channel: '#카드'}".encode("utf-16"))
    with pytest.raises(InvalidInput, match="is not UTF-8: save it as that"):
        read_policy(path, required=True)
