"""An alert says how grave it is: is that news, where a person may have set the severity?"""

import pytest

from incidents.model import Severity
from incidents.rules.told_severity import is_graver_than_told
from tests.building import an_incident


@pytest.mark.parametrize(("told", "news"), [("warning", False), ("info", False), ("error", True), ("critical", True)])
def test_only_more_than_it_is_already(told: str, news: bool) -> None:
    assert is_graver_than_told(an_incident(severity=Severity.WARNING), Severity(told)) is news


@pytest.mark.parametrize(("told", "news"), [("warning", False), ("error", False), ("critical", True)])
def test_what_was_told_before_a_person_lowered_it_is_no_news(told: str, news: bool) -> None:
    lowered = an_incident(severity=Severity.INFO, told_severity=Severity.ERROR)
    assert is_graver_than_told(lowered, Severity(told)) is news
