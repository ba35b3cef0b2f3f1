"""The form that plans maintenance, and the step in which it says what it would have been of."""

from datetime import datetime

from bot.blocks.clicks import CallbackId
from bot.blocks.kit import datetime_input, line_input, modal, section, select_input
from bot.blocks.maintenance import REPEATS, preview_line
from bot.blocks.maintenance_clicks import Origin, origin_value, plan_value
from bot.blocks.text import data, when
from bot.language import t
from bot.message import Block
from incidents.maintenance.model import EVERYTHING, Repeat
from incidents.maintenance.plan import LONGEST_REASON, Plan, Preview

SERVICE, CLUSTER, NAMESPACE, RULE = "service", "cluster", "namespace", "rule"
START, LENGTH, REPEAT, REASON = "start", "length", "repeats", "reason"
LONGEST_FIELD = 150
"""Characters: all of them fit into what the second step carries."""


def maintenance_modal(origin: Origin) -> Block:
    several = t("As the labels are written; several with commas.")
    fields = [
        _names(SERVICE, t("Service"), t("{several} `everything` alone means all of it.", several=several)),
        _names(CLUSTER, t("Cluster"), several),
        _names(NAMESPACE, t("Namespace"), several),
        _names(RULE, t("Rule"), t("The alert's name, or the rule's uid; several with commas.")),
        datetime_input(START, label=t("From"), hint=t("Left empty, from now on.")),
        line_input(
            LENGTH,
            label=t("For how long"),
            hint=t("`30m`, `2h`, `1d`, or `until 23:00`. 30 days at most."),
            limit=40,
            value="2h",
        ),
        select_input(
            REPEAT,
            label=t("Repeats"),
            hint=t("At the same time on your clock, also where clocks change."),
            options=[(t(text), repeat.value) for repeat, text in REPEATS.items()],
            chosen=Repeat.NONE.value,
        ),
        line_input(REASON, label=t("Reason"), hint=t("It stands on each card."), limit=LONGEST_REASON, optional=True),
    ]
    return modal(
        callback_id=CallbackId.MAINTENANCE,
        title=t("Maintenance"),
        submit=t("Preview"),
        private_metadata=origin_value(origin),
        blocks=fields,
    )


def _names(block_id: str, label: str, hint: str) -> Block:
    return line_input(block_id, label=label, hint=hint, limit=LONGEST_FIELD, optional=True)


def confirm_modal(plan: Plan, preview: Preview, *, now: datetime) -> Block:
    """The same form once more, as words: what it would have matched, and the button that makes it."""
    name = t("everything") if plan.scope.is_everything else data(plan.scope.name)
    gaps = {"name": name, "start": when(plan.start or now), "end": when(plan.end), "repeats": t(REPEATS[plan.repeats])}
    if plan.repeats is Repeat.NONE:
        told = t("🔧 *{name}* from {start} until {end}", **gaps)
    else:
        told = t("🔧 *{name}* from {start} until {end}, {repeats}", **gaps)
    what = t("Alerts are stored and incidents open as ever; nobody is paged for them.")
    return modal(
        callback_id=CallbackId.MAINTENANCE_CONFIRM,
        title=t("Maintenance"),
        submit=t("Plan it"),
        private_metadata=plan_value(plan),
        blocks=[
            section("summary", told, data(plan.reason, LONGEST_REASON)),
            section("preview", preview_line(preview)),
            section("what", what),
        ],
    )


def says_everything(service: str) -> bool:
    return service.strip().casefold() in {EVERYTHING, "*"}
