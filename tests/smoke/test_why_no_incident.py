"""Why no incident? A refused body from the notice in Slack to the card that it makes after all."""

from hashlib import sha256

from tests.smoke.conftest import MakeHouse
from tests.smoke.grafana import alert, body
from tests.smoke.harness import CANARIES, House
from tests.smoke.processes import run

BROKEN = body(alert("checkout-5xx", "pod-z", more={"startsAt": "yesterday"}))
WELL = body(alert("checkout-5xx", "pod-a", since="2026-03-02T01:10:20Z"))
ENDED = body(alert("checkout-5xx", "pod-a", since="2026-03-02T01:10:20Z", status="resolved"))


def kept_as(house: House, told: bytes, fixed: bytes | None = None) -> int:
    """The id of a refused body. ``fixed`` stands for a fix of Bongsu's: what is kept of it is a body that is taken."""
    answer = house.grafana.sends(told)
    assert answer.status_code == 422, answer.text
    delivery = int(answer.json()["delivery"])
    if fixed is not None:
        kept = f"raw_body = X'{fixed.hex()}', body_sha256 = '{sha256(fixed).hexdigest()}', headers = '{{}}'"
        house.rows(f"UPDATE deliveries SET {kept} WHERE id = {delivery}")
    return delivery


def said(house: House, *arguments: str, code: int = 0) -> str:
    done = run(*arguments, cwd=house.home, **house.settings())
    assert (done.returncode, done.stderr) == (code, ""), done
    assert [canary for canary in CANARIES if canary in done.stdout] == []
    return done.stdout


def test_a_refused_body_is_told_found_mended_and_becomes_a_card(make_house: MakeHouse) -> None:
    house = make_house(config='slack: {admin_channel: "#general"}').open()
    broken = kept_as(house, BROKEN)
    admins = house.workspace.channel("#general")
    admins.expects_notice("Grafana: 1 body was refused", "alerts[0].startsAt", "bongsu replay --refused")
    fixed = kept_as(house, BROKEN, fixed=WELL)
    admins.expects_notice("Grafana: 2 bodies were refused", within=30)
    house.workspace.channel("#incidents").expects_no_card()

    listed = said(house, "deliveries", "--refused", "--source", "grafana", "--since", "2h").splitlines()
    assert [line.split()[0] for line in listed] == ["id", str(fixed), str(broken)]
    assert "alerts[0].startsAt" in listed[1]
    assert f"`bongsu replay {fixed}`" in said(house, "deliveries", "show", str(fixed))
    dry = said(house, "replay", str(fixed), "--dry-run")
    assert f"{fixed}: would be taken: 1 firing (checkout-5xx), since 2026-03-02 01:10:20 UTC" in dry
    house.workspace.channel("#incidents").expects_no_card()

    replayed = said(house, "replay", "--refused", "--since", "24h", code=1).splitlines()
    assert replayed[0].startswith(f"{broken}: refused again: alerts[0].startsAt")
    assert replayed[1].startswith(f"{fixed}: taken as delivery ")
    assert replayed[1].endswith(": 1 alert, INC-1")
    house.workspace.channel("#incidents").expects_card(state="active", containing="checkout-5xx is above its limit")
    admins.expects_notice("1 of them has been taken in since", within=30)
    assert "replayed already" in said(house, "replay", str(fixed))
    assert house.rows("SELECT alert_count FROM incidents") == [(1,)]


def test_an_alert_that_is_over_is_closed_by_its_end_in_the_same_replay(house: House) -> None:
    first, second = kept_as(house, BROKEN, fixed=WELL), kept_as(house, BROKEN, fixed=ENDED)
    told = said(house, "replay", "--refused").splitlines()
    assert [line.split(":")[0] for line in told] == [str(first), str(second)]
    house.workspace.channel("#incidents").expects_card(state="recovered")
    notice = house.workspace.channel("#incidents").expects_notice("all of them have been taken in since", within=30)
    assert "✅" in notice["text"]
    assert said(house, "replay", "--refused") == "nothing waits to be replayed\n"


def test_the_doctor_warns_of_refusals_and_of_alerts_without_a_cluster(house: House) -> None:
    kept_as(house, BROKEN)
    house.grafana.sends(body(alert("checkout-5xx", "pod-a", cluster="")))
    house.workspace.channel("#incidents").expects_card()
    house.workspace.channel("#incidents").expects_notice("1 body was refused")
    told = said(house, "doctor")
    assert "! 1 body from grafana was refused in the last 24 hours, the latest: alerts[0].startsAt" in told
    assert "! 100 % of the last 1 alerts name no cluster" in told


def test_where_the_admins_channel_cannot_be_used_the_default_one_is(make_house: MakeHouse) -> None:
    house = make_house(config='slack: {admin_channel: "#nowhere"}').open()
    house.allowed.add("slack_channel_unusable")
    kept_as(house, BROKEN)
    house.workspace.channel("#incidents").expects_notice("1 body was refused")
    told = said(house, "doctor", code=1)
    assert "there is no channel #nowhere" in told
    assert "correct slack.admin_channel in bongsu.yaml" in told
