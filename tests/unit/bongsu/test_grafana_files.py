"""`bongsu grafana export`, and what differences show."""

import json
from pathlib import Path

import pytest
import yaml

from bongsu.cli import main
from bongsu.grafana import packaged
from bongsu.grafana.configmap import LARGEST
from bongsu.grafana.difference import LONGEST, difference, without
from tests.grafana_stand_in import written_dashboard


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "alerts").mkdir()
    (tmp_path / "incidents.json").write_text(written_dashboard("bongsu-incidents", "Incidents €"))
    rule = {"uid": "r", "title": "R", "condition": "A", "data": [{"refId": "A", "datasourceUid": "p", "model": {}}]}
    groups = [{"orgId": 1, "name": "g", "folder": "f", "interval": "1m", "rules": [rule]}]
    (tmp_path / "alerts" / "grafana.yaml").write_text(yaml.safe_dump({"apiVersion": 1, "groups": groups}))
    monkeypatch.setattr("bongsu.grafana.packaged.root", lambda: tmp_path)
    for name, value in {
        "BONGSU_PUBLIC_URL": "https://bongsu.example.com",
        "BONGSU_DATABASE_URL": "mysql+asyncmy://bongsu:hunter2@db.example.com/bongsu$1",
        "BONGSU_GRAFANA_HMAC_SECRET": "hunter2",
    }.items():
        monkeypatch.setenv(name, value)
    return tmp_path


@pytest.mark.usefixtures("root")
def test_files_for_the_provisioning_directory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main(["grafana", "export", "--provisioning", str(out), "--prometheus-uid", "prom", "--path", "/p/"]) == 0
    files = {str(path.relative_to(out)): path.read_text() for path in out.rglob("*") if path.is_file()}
    assert set(files) == {
        "datasources/bongsu.yaml", "dashboards/bongsu.yaml", "dashboards/bongsu/incidents.json",
        "alerting/bongsu-contact-point.yaml", "alerting/bongsu-policies.yaml.example", "alerting/bongsu-rules.yaml",
    }  # fmt: skip
    told = capsys.readouterr().out
    assert "set in Grafana's environment: BONGSU_GRAFANA_DATABASE_PASSWORD, BONGSU_GRAFANA_HMAC_SECRET" in told
    assert "hunter2" not in told + "".join(files.values())
    source = yaml.safe_load(files["datasources/bongsu.yaml"])["datasources"][0]
    assert source["secureJsonData"] == {"password": "$BONGSU_GRAFANA_DATABASE_PASSWORD"}
    assert source["jsonData"]["database"] == "bongsu$$1"
    provider = yaml.safe_load(files["dashboards/bongsu.yaml"])["providers"][0]
    assert provider["options"] == {"path": "/p/dashboards/bongsu"}
    rules = yaml.safe_load(files["alerting/bongsu-rules.yaml"])["groups"][0]
    assert (rules["folder"], rules["rules"][0]["data"][0]["datasourceUid"]) == ("Bongsu", "prom")
    contact = yaml.safe_load(files["alerting/bongsu-contact-point.yaml"])["contactPoints"][0]["receivers"][0]
    assert contact["settings"]["hmacConfig"]["secret"] == "$BONGSU_GRAFANA_HMAC_SECRET"


@pytest.mark.usefixtures("root")
def test_what_an_earlier_run_wrote_is_taken_away_where_it_is_surely_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    export = ["grafana", "export", "--provisioning", str(out)]
    main([*export, "--prometheus-uid", "prom", "--docs-url", "https://git.example.com/docs"])
    contact, others = out / "alerting" / "bongsu-contact-point.yaml", out / "alerting" / "others.yaml"
    contact.write_text(contact.read_text().partition("\n")[2])  # somebody has made it theirs
    others.write_text("apiVersion: 1\n")
    (out / "dashboards" / "bongsu" / "older.json").write_text("{}")
    capsys.readouterr()
    assert main([*export, "--skip", "contact-point"]) == 0
    told = capsys.readouterr().out
    assert {path.name for path in (out / "alerting").iterdir()} == {
        "bongsu-contact-point.yaml", "bongsu-policies.yaml.example", "others.yaml",
    }  # fmt: skip
    assert "bongsu-rules.yaml is deleted: it was written by an earlier run" in told
    assert "bongsu-contact-point.yaml is not written any more, but it may be yours" in told
    assert "older.json is not written any more" in told


def test_a_namespace_that_kubernetes_would_refuse_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("Monitoring", "a_b", "a-", "a" * 64, "a.b"):
        with pytest.raises(SystemExit, match="2"):
            main(["grafana", "export", "--configmap", "--namespace", name])
        assert "is no namespace: write small letters, digits and dashes" in capsys.readouterr().err


def test_config_maps_for_the_sidecar(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["grafana", "export", "--configmap", "--namespace", "monitoring"]) == 0
    (made,) = yaml.safe_load_all(capsys.readouterr().out)
    assert made["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert (made["metadata"]["name"], made["metadata"]["namespace"]) == ("bongsu-dashboard-incidents", "monitoring")
    assert json.loads(made["data"]["incidents.json"])["title"] == "Incidents €"


def test_a_config_map_that_is_too_large_is_refused(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "incidents.json").write_text(json.dumps({"uid": "x", "title": "x" * LARGEST}))
    assert main(["grafana", "export", "--configmap"]) == 1
    assert "and a ConfigMap takes less than 1,048,576" in capsys.readouterr().err


def test_a_directory_that_can_t_be_written_is_told(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["grafana", "export", "--provisioning", str(root / "incidents.json")]) == 2
    assert "can't be written" in capsys.readouterr().err


def test_what_is_packaged_can_be_exported() -> None:
    for name, dashboard in packaged.dashboards().items():
        assert {"uid", "title"} <= set(dashboard), name
    file = packaged.alert_rules_file(None)
    groups = packaged.rule_groups(file, folder_uid="bongsu", prometheus_uid="prom") if file is not None else []
    named = {query["datasourceUid"] for group in groups for rule in group["rules"] for query in rule["data"]}
    assert named <= {"prom", packaged.EXPRESSION}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"password": "hunter2"}, {"password": "hunter3", "a": 1}),
        ({"settings": {"hmacConfig.secret": "hunter2"}}, {"settings": {"hmacConfig": {"secret": "hunter2"}}}),
        ({"url": "https://u:hunter2@host/x"}, {"url": "https://host/x"}),
        (None, {"secureJsonData": {"tlsCACert": "hunter2", "password": "hunter2"}}),
    ],
)
def test_a_difference_shows_no_secret(before: object, after: object) -> None:
    told = difference(before, after)
    assert told
    assert "hunter" not in told


def test_a_secret_alone_is_no_difference_and_much_is_cut() -> None:
    assert difference({"password": "a"}, {"password": "b"}) == ""
    assert "more lines" in difference({}, {"rows": list(range(3 * LONGEST))}).splitlines()[-1]
    assert "\x1b" not in difference({"a": "\x1b[2J"}, {"a": "x\u202e"})


def test_what_grafana_repeats_of_a_secret_is_masked() -> None:
    assert without("refused: hunter22", ["hunter22"]) == "refused: ********"
