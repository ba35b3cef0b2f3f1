"""The section webhooks: as it is meant, and every mistake with its place and its mend."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from bongsu.config_file import parse_policy
from bongsu.config_mistakes import InvalidConfig
from bongsu.config_webhooks import webhook_named_or_at
from incidents.escalation.model import Template, Webhook

PD = "https://events.pagerduty.com/v2/enqueue"


def read(text: str) -> dict[str, Webhook]:
    return dict(parse_policy(text, name="bongsu.yaml").webhooks)


def one(said: str) -> Webhook:
    [webhook] = read(f"webhooks: {{a: {{{said}}}}}").values()
    return webhook


def test_each_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from a file\n")
    monkeypatch.setenv("HOOK_SECRET", " from the environment ")
    text = f"""\
webhooks:
  own: {{url: "http://10.0.0.5:8080/hook?a=b", secret_file: {secret}, allow_private: true}}
  pager: {{template: pagerduty, key: r0ut1ng, secret_env: HOOK_SECRET}}
  europe: {{template: pagerduty, url: "https://events.eu.pagerduty.com/v2/enqueue", key_file: {secret}}}
  genie: {{template: opsgenie, key_env: HOOK_SECRET}}
  sms: {{template: twilio, key: "AC1:token", to: "+4915112345678", from: "+4930123456"}}
"""
    assert read(text) == {
        "own": Webhook("own", "http://10.0.0.5:8080/hook?a=b", secret="from a file", allow_private=True),
        "pager": Webhook("pager", PD, Template.PAGERDUTY, "r0ut1ng", "from the environment"),
        "europe": Webhook(
            "europe", "https://events.eu.pagerduty.com/v2/enqueue", Template.PAGERDUTY, key="from a file"
        ),
        "genie": Webhook("genie", "https://api.opsgenie.com/v2/alerts", Template.OPSGENIE, "from the environment"),
        "sms": Webhook(
            "sms",
            "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json",
            Template.TWILIO,
            "AC1:token",
            fields={"to": "+4915112345678", "from": "+4930123456"},
        ),
    }


def test_a_url_can_be_secret_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", "https://example.com/T0/B0/secret")
    assert one("url_env: HOOK").url == "https://example.com/T0/B0/secret"


def test_apprise_takes_urls_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", installed())
    assert one("template: apprise, url: 'ntfy://topic'").template is Template.APPRISE
    assert "it is no URL of Apprise's" in refused("template: apprise, url: topic")


def installed() -> ModuleType:
    module = ModuleType("apprise")
    module.__spec__ = sys.__spec__
    return module


def refused(said: str) -> str:
    with pytest.raises(InvalidConfig) as error:
        one(said)
    return str(error.value)


START = "webhooks:\n  a:\n"
PAGER = f"{START}    template: pagerduty\n"
SMS = f"{START}    template: twilio\n    to: '+49'\n    from: '+49'\n"
OWN = f"{START}    url: https://example.com/x\n"
MISTAKES = [
    (f"{OWN}    template: pagerdooty", (4, 15), "there is no template 'pagerdooty': did you mean 'pagerduty'?"),
    (f"{OWN}    template: 5", (4, 15), "there is no template '5': use generic, pagerduty"),
    (f"{OWN}    tempalte: generic", (4, 5), "there is no such key 'tempalte': did you mean 'template'?"),
    (f"{OWN}    form: '+49'", (4, 5), "there is no such key 'form': did you mean 'from'?"),
    (f"{START}    template: generic", (3, 5), "'url' is missing: write where it is"),
    (PAGER, (3, 5), "'key' is missing: write the routing key of its Events API v2 integration"),
    (f"{START}    template: opsgenie", (3, 5), "'key' is missing: write the API key"),
    (f"{PAGER}    key: ''", (4, 10), "it is empty: write what it is"),
    (f"{PAGER}    key_env: NOT_SET_ANYWHERE", (4, 14), "the variable NOT_SET_ANYWHERE is not set: set it where"),
    (f"{PAGER}    key_env: $KEY", (4, 14), "'$KEY' is no name of a variable: write one such as PAGER_KEY, without $"),
    (f"{PAGER}    key_file: /nowhere/key", (4, 15), "/nowhere/key can't be read (No such file or directory)"),
    (f"{PAGER}    key_file: key", (4, 15), "depends on where Bongsu is started: write the whole path"),
    (f"{PAGER}    key_file: /dev/null", (4, 15), "/dev/null is empty: write the secret into it"),
    (f"{PAGER}    key: a\n    key_env: B", (5, 14), "both 'key' and 'key_env' are there: keep one of them"),
    (f"{PAGER}    key: a\n    to: '+49'", (5, 5), "'to' means nothing for the template pagerduty: leave it out"),
    (f"{OWN}    key: a", (4, 5), "'key' means nothing for the template generic: leave it out"),
    (f"{OWN}    secret_env: NOT_SET_ANYWHERE", (4, 17), "the variable NOT_SET_ANYWHERE is not set"),
    (f"{SMS}    key: token", (6, 10), "it is not of the form SID:token"),
    (f"{START}    template: twilio\n    key: a:b\n    from: '+49'", (3, 5), "'to' is missing: write the number"),
    (f"{START}    template: twilio\n    key: a:b\n    to: '+49'", (3, 5), "'from' is missing: write the number"),
    (f"{SMS.replace(chr(39), '')}    key: a:b", (4, 9), "'49' is no text: write the number in quotes"),
    (f"{START}    url: example.com/x", (3, 10), "is neither http nor https: write one such as https://"),
    (f"{START}    url: ftp://example.com/x", (3, 10), "this URL can't be called, 'ftp' is neither http nor https"),
    (f"{START}    url: https://me:pw@example.com/", (3, 10), "it holds a user or a password: leave out what stands"),
    (f"{START}    url: http://127.0.0.1/x", (3, 10), "it leads to 127.0.0.1, the machine itself: write allow_private"),
    (f"{START}    url: http://192.168.0.9/x", (3, 10), "a private address: write allow_private: true if it is meant"),
    (f"{START}    url: http://2130706433/x", (3, 10), "an odd way to write 127.0.0.1: write 127.0.0.1"),
    (f"{START}    url: http://169.254.169.254/x\n    allow_private: true", (3, 10), "the machine's metadata"),
    (f"{OWN}    allow_private: maybe", (4, 20), "can't be used here"),
    ("webhooks: {Pager: {url: 'https://example.com'}}", (1, 12), "'Pager' can't be a name here: write lower-case"),
    ("webhooks: {a: 'https://example.com'}", (1, 15), "a mapping is needed"),
    ("webhooks: []", (1, 11), "a mapping is needed"),
]


@pytest.mark.parametrize(("text", "place", "words"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_has_its_place_and_its_mend(text: str, place: tuple[int, int], words: str) -> None:
    with pytest.raises(InvalidConfig) as error:
        parse_policy(text, name="bongsu.yaml")
    found = {(mistake.line, mistake.column): mistake.problem for mistake in error.value.mistakes}
    assert words in found.get(place, ""), found
    assert all(": " in problem for problem in found.values())


def test_apprise_must_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "Apprise is not installed: run `pip install 'bongsu[apprise]'`" in refused(
        "template: apprise, url: 'ntfy://topic'"
    )


def test_many_are_refused() -> None:
    text = "webhooks:\n" + "".join(f"  a{number}: {{url: 'https://example.com'}}\n" for number in range(51))
    with pytest.raises(InvalidConfig, match="there are 51 webhooks: 50 are the most"):
        read(text)


KNOWN = {"pager": Webhook("pager", PD, Template.PAGERDUTY, "k")}


def test_a_step_names_a_webhook_or_a_url() -> None:
    assert webhook_named_or_at("pager", KNOWN) is KNOWN["pager"]
    told = webhook_named_or_at("https://example.com:8443/T0/secret?token=abc", KNOWN)
    assert (told.template, told.url) == (Template.GENERIC, "https://example.com:8443/T0/secret?token=abc")
    assert re.fullmatch(r"https://example\.com:8443/…[0-9a-f]{6}", told.name)
    assert told.name != webhook_named_or_at("https://example.com:8443/T0/other", KNOWN).name
    assert told.name == webhook_named_or_at(told.url, {}).name


@pytest.mark.parametrize(
    ("told", "known", "why"),
    [
        ("pagre", KNOWN, "there is no webhook 'pagre': did you mean 'pager'?, or write a URL such as"),
        ("pager", {}, "there is no webhook 'pager': write it below 'webhooks'"),
        ("http://127.0.0.1/x", {}, "the machine itself: write allow_private: true if it is meant, below 'webhooks'"),
        ("http://169.254.169.254/", {}, "the machine's metadata: write one such as https://"),
        ("ftp://example.com", {}, "there is no webhook 'ftp://example.com'"),
        ("", KNOWN, "there is no webhook ''"),
    ],
)
def test_what_a_step_can_not_mean(told: str, known: dict[str, Webhook], why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        webhook_named_or_at(told, known)


PAGES = Path(__file__).parents[3] / "docs"


def test_what_the_docs_show_can_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    page = (PAGES / "how-to" / "page-out-of-slack.md").read_text("utf-8")
    shown = re.findall(r"```yaml\n(webhooks:.*?)```", page, re.DOTALL)
    assert len(shown) >= 4
    monkeypatch.setitem(sys.modules, "apprise", installed())
    secret = tmp_path / "secret"
    for text in shown:
        secret.write_text("ntfy://topic" if "apprise" in text else "AC0123:token")
        for variable in re.findall(r"_env: (\w+)", text):
            monkeypatch.setenv(variable, "https://example.com/x")
        assert read(re.sub(r"/run/secrets/[\w-]+", str(secret), text))
