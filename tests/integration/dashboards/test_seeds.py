"""The past that dashboards are tried on is what its table says."""

from datetime import UTC, datetime, timedelta

import pytest
from asyncmy.errors import OperationalError

from tests.grafana_reader import Grafana
from tests.grafana_sql import expand
from tests.integration.dashboards.seeds import ODD, whole

FIGURES = """
SELECT SUM(alerts), SUM(opened), SUM(ended), SUM(mtta_n), SUM(mtta_seconds), SUM(mttr_n), SUM(mttr_seconds),
    SUM(close_n), SUM(noise), SUM(stale), SUM(merged), SUM(recoveries_told), SUM(false_recoveries)
FROM daily_figures WHERE tenant_id = 1 AND grouped_by = 'all' AND $__timeFilter(day)
"""


async def test_what_the_jobs_count_of_it_is_known_by_hand(grafana: Grafana, begin: datetime) -> None:
    span = whole(begin)
    [counted] = (await grafana.ask(expand(FIGURES, [], span).sql)).rows
    alerts = 5 * 4 + 8 * 20 + 3 + 3 + 3 + 1 + 8 + 2 + 2 + 1 + 1
    opened = 5 + 8 + 2 + 1 + 1 + 1 + 2
    mtta = [60, 120, 180, 240, 600, 360, 480, 720]
    mttr = [600, 1200, 1800, 2400, 3000, *[300] * 8, 35 * 60]
    recoveries = 5 + 8 + 4
    assert counted == (
        alerts, opened, opened - 2, len(mtta), sum(mtta), len(mttr), sum(mttr), 2, 1, 1, 1, recoveries, 3,
    )  # fmt: skip


OF_RULES = """
SELECT SUM(occurrences), SUM(acted_on), SUM(ended), SUM(stale), SUM(recoveries_told), SUM(false_recoveries),
    SUM(flapping), SUM(marked_noise), SUM(marked_real)
FROM daily_rules WHERE tenant_id = 1 AND grouped_by = '{}'
"""


async def test_rules_are_counted_the_same_at_each_level(grafana: Grafana) -> None:
    """The merged one is an occurrence of its rule, though it ends with the other."""
    acted_on = 5 + 2 + 1 + 1 + 1
    for level in ("all", "service", "cluster,severity", "service,cluster,severity"):
        [counted] = (await grafana.ask(OF_RULES.format(level))).rows
        assert counted == (21, acted_on, 18, 1, 17, 3, 1, 2, 1)


async def test_a_service_of_any_name_is_kept_as_it_is(grafana: Grafana) -> None:
    assert (await grafana.ask("SELECT DISTINCT service FROM incidents WHERE rule_uid = 'pods'")).value == ODD


async def test_grafana_may_read_no_secrets_and_change_nothing(grafana: Grafana) -> None:
    for sql in ("SELECT * FROM api_keys", "DELETE FROM alerts", "SELECT * FROM deliveries", "SELECT * FROM audit_log"):
        with pytest.raises(OperationalError, match="denied"):
            await grafana.ask(sql)


async def test_who_is_connected_counts_in_utc(grafana: Grafana, begin: datetime) -> None:
    found = await grafana.ask(expand("SELECT $__timeFrom(), NOW() - INTERVAL 0 SECOND", [], whole(begin)).sql)
    assert found.rows[0][0] == begin.replace(tzinfo=None)
    assert abs(found.rows[0][1] - datetime.now(UTC).replace(tzinfo=None)) < timedelta(minutes=5)
