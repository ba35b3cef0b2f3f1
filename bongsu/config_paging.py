"""The section ``paging`` of ``bongsu.yaml``: the manners of pages, and when low severities wait for the morning."""

from typing import Annotated, Self

from pydantic import BeforeValidator, field_validator, model_validator

from bongsu.config_escalations import Severities
from bongsu.config_parts import Part
from bongsu.config_schedules import Hours, Weekdays, Zone, window
from incidents.model import Severity
from incidents.policy import Paging, QuietHours
from incidents.schedules import Layer, Rotation
from incidents.schedules.windows import first_hole

MOST_AN_HOUR = 1000


def _rate(told: object) -> int:
    if type(told) is not int or not 1 <= told <= MOST_AN_HOUR:
        raise ValueError(f"'{told}' is no number of pages an hour: write 1 to {MOST_AN_HOUR}")
    return told


class QuietHoursPart(Part):
    timezone: Zone
    hours: Hours | None = None
    weekdays: Weekdays | None = None
    severities: Severities = frozenset({Severity.WARNING, Severity.INFO})

    @field_validator("severities")
    @classmethod
    def _can_wait(cls, told: frozenset[Severity]) -> frozenset[Severity]:
        if Severity.CRITICAL in told:
            raise ValueError("what is critical can't wait for the morning: leave critical out")
        return told

    @model_validator(mode="after")
    def _end(self) -> Self:
        if first_hole([Layer("quiet", Rotation(()), window(self.hours, self.weekdays))]) is None:
            raise ValueError("it would be quiet for ever: write 'hours', such as \"22:00-07:00\", or fewer 'weekdays'")
        return self

    def quiet_hours(self) -> QuietHours:
        return QuietHours(self.timezone, window(self.hours, self.weekdays), self.severities)


class PagingPart(Part):
    most_per_hour: Annotated[int, BeforeValidator(_rate)] = Paging().most_per_hour
    quiet_hours: QuietHoursPart | None = None

    def paging(self) -> Paging:
        return Paging(self.most_per_hour, None if self.quiet_hours is None else self.quiet_hours.quiet_hours())
