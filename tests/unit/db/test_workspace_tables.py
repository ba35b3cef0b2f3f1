"""slack_sdk's code reads and writes tables that our migrations make: they must be those that it expects."""

from collections.abc import Callable

import pytest
from slack_sdk.oauth.installation_store.sqlalchemy import AsyncSQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import AsyncSQLAlchemyOAuthStateStore
from sqlalchemy import MetaData, Table

from db.workspace_tables import slack_bots, slack_installations, slack_oauth_states

BUILT: list[tuple[Table, Callable[..., Table]]] = [
    (slack_bots, AsyncSQLAlchemyInstallationStore.build_bots_table),
    (slack_installations, AsyncSQLAlchemyInstallationStore.build_installations_table),
    (slack_oauth_states, AsyncSQLAlchemyOAuthStateStore.build_oauth_states_table),
]


@pytest.mark.parametrize(("ours", "build"), BUILT, ids=lambda one: getattr(one, "name", ""))
def test_the_tables_are_those_of_slack_sdk(ours: Table, build: Callable[..., Table]) -> None:
    theirs = build(MetaData(), ours.name)
    assert columns(ours) == columns(theirs)
    assert indexes(ours) == indexes(theirs)


def columns(table: Table) -> list[tuple[str, str, bool | None, bool]]:
    return [(one.name, repr(one.type), one.nullable, one.primary_key) for one in table.c]


def indexes(table: Table) -> set[tuple[str, tuple[str, ...]]]:
    return {(str(one.name), tuple(column.name for column in one.columns)) for one in table.indexes}
