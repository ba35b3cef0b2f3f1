"""The section escalations, and what routes say of it: as it is meant, and every mistake with its place and its mend."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bongsu.config_file import parse_policy
from bongsu.config_mistakes import InvalidConfig
from incidents.escalation.model import EscalationPolicy, Step, Webhook
from incidents.model import Severity
from incidents.policy import Policy

MINUTE = timedelta(minutes=1)


def read(text: str) -> Policy:
    return parse_policy(text, name="bongsu.yaml")


def one(said: str) -> EscalationPolicy:
    return read(f"escalations: {{a: {{{said}}}}}").escalations["a"]


def step(said: str) -> Step:
    return one(f"steps: [{{{said}}}]").steps[0]


DESIGN = """\
routes:
  - match: {service: payments, severity: [critical, error]}
    channel: "#payments"
    escalation: page
escalations:
  default:
    steps:
      - {after: 5m, mention: ["@oncall"]}
      - {after: 15m, mention: ["<@U0BOB>", "schedule:payments"], broadcast: true}
      - {after: 30m, channel: "#leads", webhook: "https://hooks.example.com/page?token=x"}
    repeat: 30m
    acknowledge_timeout: 1h
  page:
    steps: [{after: 0s, direct: ["<@U0BOB>", "schedule:payments"]}]
schedules:
  payments: {timezone: Asia/Seoul, rotate: weekly, handover: "Mon 09:00", people: ["<@U0ALICE>", "<@U0BOB>"]}
"""


def test_a_whole_file() -> None:
    policy = read(DESIGN)
    [webhook] = policy.webhooks.values()
    steps = (
        Step(5 * MINUTE, ("@oncall",)),
        Step(15 * MINUTE, ("<@U0BOB>", "schedule:payments"), broadcast=True),
        Step(30 * MINUTE, channel="#leads", webhook=webhook.name),
    )
    default = EscalationPolicy("default", steps, repeat=30 * MINUTE, acknowledge_timeout=60 * MINUTE)
    page = EscalationPolicy("page", (Step(timedelta(0), direct=("U0BOB", "schedule:payments")),))
    assert policy.escalations == {"default": default, "page": page}
    assert [policy.escalations[name].line for name in ("default", "page")] == [6, 13]
    assert policy.webhooks == {webhook.name: Webhook(webhook.name, "https://hooks.example.com/page?token=x")}
    assert policy.routes[0].escalation == dict.fromkeys(Severity, "page")
    assert policy.channels == ("#incidents", "#payments", "#leads")
    assert policy.mentions == ("@oncall", "<@U0BOB>", "schedule:payments")


def test_a_step_that_names_nobody_is_one() -> None:
    assert step("after: 5m") == Step(5 * MINUTE)


def test_one_may_stand_without_a_list() -> None:
    told = step("after: 5m, mention: '@oncall', direct: '<@U0BOB|bob>', broadcast: false")
    assert told == Step(5 * MINUTE, ("@oncall",), direct=("U0BOB",))


def test_nobody_gets_two_messages_of_one_step() -> None:
    assert step("after: 5m, direct: ['<@U0BOB>', '<@U0BOB|bob>']").direct == ("U0BOB",)


def test_steps_may_be_due_together() -> None:
    assert [told.after for told in one("steps: [{after: 0s}, {after: 5m}, {after: 300s}]").steps] == [
        timedelta(0), 5 * MINUTE, 5 * MINUTE,
    ]  # fmt: skip


@pytest.mark.parametrize("key", ["repeat", "acknowledge_timeout", "unresolved_reminder"])
@pytest.mark.parametrize(
    ("told", "interval"), [("1m", MINUTE), ("7d", timedelta(days=7)), ("none", None), ("off", None), ("", None)]
)
def test_timers_may_be_off(key: str, told: str, interval: timedelta | None) -> None:
    assert getattr(one(f"steps: [{{after: 0s}}], {key}: {told}"), key) == interval


@pytest.mark.parametrize(
    ("told", "severities"), [("[critical, Error]", {"critical", "error"}), ("warning", {"warning"})]
)
def test_a_policy_may_be_for_some_severities(told: str, severities: set[str]) -> None:
    assert one(f"steps: [{{after: 0s}}], severity: {told}").severities == severities


PAGE = "escalations: {page: {steps: [{after: 5m}]}}\n"


@pytest.mark.parametrize(
    ("told", "named"),
    [
        ("page", dict.fromkeys(Severity, "page")),
        ("none", dict.fromkeys(Severity, "none")),
        ("off", dict.fromkeys(Severity, "none")),
        ("default", dict.fromkeys(Severity, "default")),
        ("{critical: page, warning: none, info: off}", {"critical": "page", "warning": "none", "info": "none"}),
        ("{}", {}),
    ],
)
def test_a_route_names_one_or_one_for_each_severity(told: str, named: dict[str, str]) -> None:
    assert read(f"{PAGE}routes: [{{channel: C1, escalation: {told}}}]").routes[0].escalation == named


def test_a_step_calls_a_webhook_by_its_name() -> None:
    policy = read(
        "webhooks: {pager: {url: 'https://a.example/x'}}\nescalations: {a: {steps: [{after: 0s, webhook: pager}]}}"
    )
    assert policy.escalations["a"].steps[0].webhook == "pager"
    assert policy.webhooks == {"pager": Webhook("pager", "https://a.example/x")}


def test_urls_that_differ_are_webhooks_of_their_own_and_none_tells_its_secret() -> None:
    urls = ["https://a.example/x?k=1", "https://a.example/x?k=2", "https://a.example/x?k=1"]
    steps = ", ".join(f"{{after: 0s, webhook: '{url}'}}" for url in urls)
    policy = read(f"escalations: {{a: {{steps: [{steps}]}}}}")
    named = [policy.webhooks[told.webhook or ""] for told in policy.escalations["a"].steps]
    assert [webhook.url for webhook in named] == urls
    assert len(policy.webhooks) == 2
    assert not [name for name in policy.webhooks if "k=" in name or "/x" in name]


A = "escalations:\n  a:\n    steps:\n      - "
B = f"{A}after: 5m\n        "
C = f"{A}after: 5m\n    "
R = f"{PAGE}routes:\n  - channel: C1\n    escalation: "
CRITICAL = "escalations: {page: {steps: [{after: 5m}], severity: critical}}\n"
MANY = ", ".join(["{after: 5m}"] * 21)
PEOPLE = 'people: ["<@U0ALICE>"]'
SCHEDULES = f"schedules: {{pay: {{timezone: UTC, {PEOPLE}}}}}\n"
MISTAKES = [
    # --- names
    ("escalations:\n  none: {steps: [{after: 5m}]}", (2, 3), "'none' is what a route calls no escalation at all"),
    ("escalations:\n  On call: {steps: [{after: 5m}]}", (2, 3), "'On call' can't be a name here: write lower-case"),
    ("escalations:\n  5: {steps: [{after: 5m}]}", (2, 3), "'5' can't be a name here"),
    ("escalations: [a]", (1, 14), "a mapping is needed"),
    ("escalations:\n  a: 5m", (2, 6), "a mapping is needed"),
    ("escalations:\n  a: {}", (2, 6), "'steps' is missing: write it"),
    # --- steps
    ("escalations:\n  a:\n    steps: []", (3, 12), "nobody would be paged: write a step such as {after: 5m}"),
    ("escalations:\n  a:\n    steps: 5m", (3, 12), "a list is needed"),
    (f"escalations:\n  a:\n    steps: [{MANY}]", (3, 12), "there are 21 steps: 20 are the most"),
    (f"{A}5m", (4, 9), "a mapping is needed"),
    (f"{A}mention: '@oncall'", (4, 9), "'after' is missing: write it"),
    (f"{A}after: soon", (4, 16), "'soon' is no duration: write a number with its unit"),
    (f"{A}after: 5", (4, 16), "'5' is no duration"),
    (f"{A}after: -5m", (4, 16), "would be before the incident opens: write 0s to page at once"),
    (f"{A}after: 8d", (4, 16), "'8d' is too long: 7d are the most"),
    (f"{A}after: 15m\n      - after: 5m", (5, 16), "5m is before the step above it (15m)"),
    (f"{A}after: 15m\n      - after: 5m", (5, 16), "so write 15m or more"),
    (f"{B}then: other", (5, 9), "there is no such key 'then': use after, broadcast, channel, direct, mention, webhook"),
    (f"{B}mentions: '@a'", (5, 9), "did you mean 'mention'?"),
    (f"{B}mention: '@here'", (5, 18), "'@here' would call everybody in the channel"),
    (f"{B}mention: ['@a', '<!channel>']", (5, 25), "would call everybody in the channel"),
    (f"{B}mention: U0123456", (5, 18), 'write "<@U0123456>"'),
    (f"{B}mention: [{', '.join(['<@U0BOB>'] * 21)}]", (5, 18), "write 20 at most, or a group"),
    (f"{B}mention: 'schedule:pay'", (5, 18), "there is no schedule 'pay': write it below 'schedules'"),
    (f"{SCHEDULES}{B}mention: ['@a', 'schedule:play']", (6, 25), "did you mean 'pay'?"),
    (f"{B}broadcast: maybe", (5, 20), "'maybe' is neither: write true or false"),
    (f"{B}broadcast: 1", (5, 20), "'1' is neither"),
    (f"{B}channel: leads", (5, 18), "'leads' is no channel"),
    (f"{B}channel: #leads", (5, 9), "" ),
    (f"{B}direct: '@oncall'", (5, 17), "'@oncall' is no person, who alone can get a direct message: write its people"),
    (f"{B}direct: ['<@U0BOB>', '<!subteam^S0ONCALL>']", (5, 30), "or name the group in 'mention'"),
    (f"{B}direct: bob", (5, 17), "'bob' is no person's id"),
    (f"{B}direct: 'schedule:'", (5, 17), "is no person's id"),
    (f"{B}direct: 'schedule:pay'", (5, 17), "there is no schedule 'pay'"),
    (f"{B}webhook: pager", (5, 18), "there is no webhook 'pager': write it below 'webhooks', or write a URL such as"),
    (f"webhooks: {{pager: {{url: 'https://a.example/x'}}}}\n{B}webhook: pagr", (6, 18), "did you mean 'pager'?"),
    (f"webhooks: {{pager: {{url: 'ftp://a.example/x'}}}}\n{B}webhook: pager", (1, 25), "this URL can't be called"),
    (f"{B}webhook: 'http://127.0.0.1/x'", (5, 18), "allow_private: true if it is meant, below 'webhooks'"),
    (f"{B}webhook: 'http://169.254.169.254/x'", (5, 18), "this URL can't be called, it leads to 169.254.169.254"),
    (f"{B}webhook: ", (5, 9), "a webhook is needed: write it below 'webhooks'"),
    (f"{B}webhook: 'ftp://a.example/x'", (5, 18), "there is no webhook 'ftp://a.example/x'"),
    (f"{B}webhook: 'https://'", (5, 18), "this URL can't be called"),
    (f"{B}webhook: 'https://a.example:99999/'", (5, 18), "this URL can't be called"),
    (f"{B}webhook: 'https://[::1/'", (5, 18), "this URL can't be called"),
    (f"{B}webhook: 'https://u:p@a.example/'", (5, 18), "this URL can't be called"),
    (f"{B}mention: ", (5, 9), "a list is needed"),
    # --- the rest of a policy
    (f"{C}repeat: 0s", (5, 13), "'0s' is too short: write 1s or more, or none"),
    (f"{C}repeat: 8d", (5, 13), "'8d' is too long"),
    (f"{C}repeat: often", (5, 13), "'often' is no duration"),
    (f"{C}acknowledge_timeout: 0s", (5, 26), "'0s' is too short"),
    (f"{C}unresolved_reminder: -4h", (5, 26), "'-4h' is no duration"),
    (f"{C}severity: grave", (5, 15), "'grave' is no severity: use critical"),
    (f"{C}severity: [critical, eror]", (5, 26), "did you mean 'error'?"),
    (f"{C}severity: []", (5, 15), "severities are needed: write some of [critical"),
    (f"{C}severities: [error]", (5, 5), "did you mean 'severity'?"),
    # --- routes
    (f"{R}pgae", (4, 17), "there is no escalation policy 'pgae': did you mean 'page'?"),
    ("routes: [{channel: C1, escalation: page}]", (1, 36), "'page': write it below 'escalations'"),
    (f"{R}{{critical: pgae}}", (4, 28), "there is no escalation policy 'pgae'"),
    (f"{R}{{grave: page}}", (4, 18), "'grave' is no severity: use critical"),
    (f"{R}{{critical: 5}}", (4, 28), "the name of an escalation policy is needed: write its name, none"),
    (f"{R}5", (4, 17), "the name of an escalation policy is needed"),
    (f"{R}", (4, 5), "the name of an escalation policy is needed"),
    (f"{R}[page]", (4, 17), "or a mapping such as {critical: page, warning: none}"),
    (
        f"{CRITICAL}routes: [{{channel: C1, escalation: {{critical: page, error: page}}}}]",
        (2, 60),
        "'page' is not for error, so nobody would be paged: add it to its 'severity', or write error: none",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "words"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_has_its_place_and_its_mend(text: str, place: tuple[int, int], words: str) -> None:
    with pytest.raises(InvalidConfig) as refused:
        read(text)
    found = {(mistake.line, mistake.column): mistake.problem for mistake in refused.value.mistakes}
    assert list(found) == [place], found
    assert words in found[place]


PAGES = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("page", ["how-to/escalation.md", "reference/configuration.md"])
def test_what_the_docs_show_can_be_written(page: str) -> None:
    shown = re.findall(r"```yaml\n(.*?)```", (PAGES / page).read_text("utf-8"), re.DOTALL)
    told = [text for text in shown if "escalations:" in text or "paging:" in text]
    assert told
    for text in told:
        read(text)
