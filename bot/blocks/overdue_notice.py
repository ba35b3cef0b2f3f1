"""A word to who runs Bongsu: escalation steps are late, so people may not be called who should be."""

from bot.blocks.kit import section
from bot.blocks.text import when
from bot.language import t, tn
from bot.message import Message
from incidents.escalation.overdue import Overdue


def overdue_notice(late: Overdue) -> Message:
    """As it is now; where none is late any more, that."""
    if late.first is None:
        told = t("✅ No escalation step is late any more.")
        return Message(told, [section("overdue", told)])
    told = tn(
        "⚠ {count} escalation step is late, since {time}: somebody may not have been called.",
        "⚠ {count} escalation steps are late, the oldest since {time}: somebody may not have been called.",
        late.steps,
        time=when(late.first),
    )
    what_to_do = t(
        "They are tried again by themselves. Bongsu's log says what holds them up, `bongsu doctor` whether the "
        "database and Slack answer. Until then look at what is open yourself."
    )
    return Message(f"{told} {what_to_do}", [section("overdue", told, what_to_do)])
