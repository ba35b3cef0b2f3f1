"""The guards against loss and doubling, each with the text that takes it out and the tests that must then fail.

`python -m tests.mutations` takes them out, one at a time, in a copy. A unit test sees to it that each text is still
there exactly once.
"""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]

_BOT = "tests/integration/publisher"
_DB = "tests/integration/db"
_OUTBOX = f"{_DB}/test_outbox.py::"
_RACES = f"{_DB}/test_races.py::"
_REAL_LOCKS = f"{_DB}/test_real_locks.py::"
_STORMS = f"{_DB}/test_storms.py::"


@dataclass(frozen=True, slots=True)
class Edit:
    """``old``, which stands in the file exactly once, becomes ``new``."""

    path: str
    old: str
    new: str

    @property
    def matches(self) -> int:
        """How often ``old`` is found in the source tree."""
        return (ROOT / self.path).read_text(encoding="utf-8").count(self.old)

    def apply(self, root: Path) -> None:
        """In the copy at ``root``."""
        path = root / self.path
        path.write_text(path.read_text(encoding="utf-8").replace(self.old, self.new), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Guard:
    """``edits`` take it out; at least one of ``tests`` fails then. Test ids as pytest takes them."""

    name: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...]

    @property
    def places(self) -> str:
        return ", ".join(dict.fromkeys(edit.path for edit in self.edits))


def _guard(name: str, path: str, old: str, new: str, *tests: str) -> Guard:
    return Guard(name, (Edit(path, old, new),), tests)


_ONE_OPEN_KEY = 'UniqueConstraint("tenant_id", "open_key", name="uq_incidents_open_key"),'
_ONE_NEWEST_BODY = 'UniqueConstraint("tenant_id", "source", "newest_sha256", name="uq_deliveries_newest_sha256"),'
_ONE_MESSAGE = 'UniqueConstraint("tenant_id", "incident_id", "channel", "kind", "subject", name="uq_outbox_subject"),'
_ONE_REQUEST = 'UniqueConstraint("tenant_id", "open_incident_id", name="uq_approvals_open_incident_id"),'
_TABLES = "db/tables.py"
_FIRST_MIGRATION = "db/migrations/versions/0001_the_first_tables.py"

IN = (
    _guard(
        "what was written is in the database before it is committed",
        "db/transactions.py",
        "                await uow.commit()\n",
        "",
        f"{_DB}/test_round_trips.py::test_what_is_left_at_the_end_is_committed",
    ),
    _guard(
        "what was written is there for SQLAlchemy's own statements",
        "db/gate.py",
        "        await self.settle()\n        result: CursorResult",
        "        result: CursorResult",
        f"{_DB}/test_round_trips.py::test_what_was_written_is_what_is_read_whoever_reads",
    ),
    _guard(
        "a connection with an answer on its way is given up where the work has failed",
        "db/transactions.py",
        "                await uow.give_up()\n",
        "",
        f"{_DB}/test_in_binary.py::test_who_fails_meanwhile_leaves_no_answer_behind",
    ),
    _guard(
        "commit before the answer",
        "receiver/commit.py",
        "        return await ingest(deliveries, uow=uow, policy=self._policies.current, tried_since=tried_since)\n",
        "        told = await ingest(deliveries, uow=uow, policy=self._policies.current, tried_since=tried_since)\n"
        "        for waiting, one in zip(batch, told, strict=True):\n"
        "            _answer(waiting, one)\n"
        "        return told\n",
        "tests/integration/test_group_commit.py::test_nobody_is_answered_before_the_commit",
    ),
    _guard(
        "what a transaction has stored is rolled back before it runs again",
        "db/transactions.py",
        "        async with engine.begin() as connection:\n"
        "            uow = await self._begin(connection)\n"
        "            try:\n"
        "                done = await work(uow)\n"
        "                await uow.commit()\n"
        "            except BaseException:\n"
        "                await uow.give_up()\n"
        "                raise\n"
        "            return done\n",
        "        async with engine.connect() as connection:\n"
        "            try:\n"
        "                uow = await self._begin(connection)\n"
        "                done = await work(uow)\n"
        "                await uow.commit()\n"
        "                return done\n"
        "            finally:\n"
        "                await connection.commit()\n",
        f"{_REAL_LOCKS}test_who_waits_too_long_for_a_lock_rolls_back_all_and_runs_again",
        f"{_DB}/test_transactions.py::test_what_raises_is_not_stored_and_not_run_again",
    ),
    _guard(
        "what collides runs again",
        "db/transactions.py",
        "        if fault is Fault.OURS:\n",
        "        if fault is not Fault.AWAY:\n",
        f"{_REAL_LOCKS}test_of_two_that_deadlock_one_runs_again",
    ),
    _guard(
        "a request that was stored is known by its id",
        "incidents/ingest/batch.py",
        "    new = [delivery for delivery in batch if delivery.request_id not in stored]\n",
        "    stored = {}\n    new = list(batch)\n",
        f"{_RACES}test_a_request_that_was_stored_is_known_though_another_has_said_the_same_since",
    ),
    _guard(
        "a series that was read before its incident was locked is read again",
        "incidents/ingest/lay_out.py",
        "    if elsewhere:  # also",
        "    if elsewhere - {incident.id for incident in locked}:  # also",
        f"{_RACES}test_a_series_that_ends_before_its_incident_is_locked_for_a_blind_rule_is_counted_once",
    ),
    _guard(
        "a series that is in doubt when it is read again is seen to be",
        "incidents/ingest/lay_out.py",
        " or _rules_in_doubt(alerts, desk.series) - rules:\n",
        ":\n",
        f"{_RACES}test_a_series_that_is_in_doubt_when_it_is_read_again_brings_its_rules_incidents_in",
    ),
    Guard(
        "one open incident for each key: the unique index",
        (
            Edit(_TABLES, f"    {_ONE_OPEN_KEY}\n", ""),
            Edit(_FIRST_MIGRATION, f"        sa.{_ONE_OPEN_KEY}\n", ""),
        ),
        (
            f"{_RACES}test_the_database_itself_refuses_a_second_open_incident_of_a_key[mariadb]",
            f"{_RACES}test_thirty_at_once_open_one_incident_and_lose_no_alert[mariadb]",
        ),
    ),
    Guard(
        "one newest delivery for each body: the unique index",
        (
            Edit(_TABLES, f"    {_ONE_NEWEST_BODY}\n", ""),
            Edit(_FIRST_MIGRATION, f"        sa.{_ONE_NEWEST_BODY}\n", ""),
        ),
        (
            f"{_RACES}test_a_body_that_another_process_stored_after_we_looked_is_looked_at_again",
            f"{_RACES}test_the_same_body_from_two_processes_at_once_is_stored_once[mariadb]",
        ),
    ),
    _guard(
        "keys are locked in one order",
        "db/queries/incidents.py",
        "        .order_by(incidents.c.incident_key, incidents.c.id)\n        .limit(",
        "        .limit(",
        f"{_REAL_LOCKS}test_whatever_the_order_of_alerts_keys_are_locked_and_opened_in_the_order_of_all",
    ),
    _guard(
        "keys are asked for in one order",
        "db/queries/incidents.py",
        "        wanted, also = sorted(set(keys)), set(ids)\n",
        "        wanted, also = list(dict.fromkeys(keys)), set(ids)\n",
        f"{_REAL_LOCKS}test_whatever_the_order_of_alerts_keys_are_locked_and_opened_in_the_order_of_all",
    ),
    _guard(
        "keys are opened in one order",
        "db/queries/incidents.py",
        "        ordered = sorted(wanted, key=lambda new: new.incident_key)\n",
        "        ordered = list(wanted)\n",
        f"{_REAL_LOCKS}test_whatever_the_order_of_alerts_keys_are_locked_and_opened_in_the_order_of_all",
    ),
)

TOGETHER = (
    _guard(
        "who clicks locks the incident first",
        "db/queries/incidents.py",
        "        statement = self._gate.select(incidents).where(incidents.c.id == incident_id).with_for_update()\n",
        "        statement = self._gate.select(incidents).where(incidents.c.id == incident_id)\n",
        f"{_DB}/test_actions.py::test_an_alert_that_comes_while_somebody_acknowledges_is_counted",
    ),
    _guard(
        "an event of slack's is heard once",
        "bot/listeners/threads.py",
        "        if event_id and not await uow.threads.hear(event_id):\n",
        "        if not event_id:\n",
        "tests/integration/bot/test_threads.py::test_the_same_event_three_times_has_one_effect",
    ),
    _guard(
        "an incident is saved only over the version that was read",
        "db/queries/incidents.py",
        "            .where(incidents.c.id == incident.id, incidents.c.version == expected_version)\n",
        "            .where(incidents.c.id == incident.id)\n",
        f"{_DB}/test_actions.py::test_a_change_that_read_without_a_lock_does_not_overwrite_a_faster_one",
    ),
    _guard(
        "what is due is locked by who looks at it",
        "db/queries/incidents.py",
        "            .limit(limit)\n            .with_for_update(skip_locked=True)\n",
        "            .limit(limit)\n",
        f"{_DB}/test_clock.py::test_what_another_process_holds_is_left_to_it",
    ),
    _guard(
        "SKIP LOCKED: who looks at what is due waits for nobody",
        "db/queries/incidents.py",
        "            .limit(limit)\n            .with_for_update(skip_locked=True)\n",
        "            .limit(limit)\n            .with_for_update()\n",
        f"{_DB}/test_clock.py::test_what_another_process_holds_is_left_to_it",
    ),
    _guard(
        "SKIP LOCKED: who tends storms waits for nobody",
        "db/queries/storms.py",
        "            .with_for_update(skip_locked=True)\n",
        "            .with_for_update()\n",
        f"{_STORMS}test_a_storm_that_another_process_tends_is_left_to_it",
    ),
    _guard(
        "who has lost retention's lease deletes nothing",
        "db/queries/work_leases.py",
        "        if await self._gate.changed(self._mine(fence).values(expires_at=later)) != 1:\n",
        "        if await self._gate.changed(self._mine(fence).values(expires_at=later)) > 1:\n",
        f"{_DB}/test_retention.py::test_who_has_lost_the_lease_deletes_nothing",
    ),
)

OUT = (
    Guard(
        "one outbox row for each message: the unique index",
        (
            Edit(_TABLES, f"    {_ONE_MESSAGE}\n", ""),
            Edit(_FIRST_MIGRATION, f"        sa.{_ONE_MESSAGE}\n", ""),
        ),
        (f"{_OUTBOX}test_asking_twice_for_one_card_or_one_entry_makes_one_row[mariadb]",),
    ),
    _guard(
        "the lease: what one publisher has is not claimed by another",
        "db/queries/publishing.py",
        "    or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= _NOW),\n",
        "",
        f"{_OUTBOX}test_a_new_card_is_claimed_with_a_lease_and_a_fence",
    ),
    _guard(
        "the lease ends: what a dead publisher had is taken over",
        "db/queries/publishing.py",
        "    or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= _NOW),\n",
        "    outbox.c.lease_until.is_(None),\n",
        f"{_OUTBOX}test_an_expired_lease_is_taken_over_and_the_old_fence_writes_nothing",
    ),
    _guard(
        "the fence at claiming: of two that saw a row free, one gets it",
        "db/queries/publishing.py",
        "    return _held().values(\n        fence=",
        '    free = prepared_update(outbox).where(outbox.c.id == bindparam("this"), bindparam("known") >= 0)\n'
        "    return free.values(\n        fence=",
        f"{_OUTBOX}test_who_saw_a_row_free_that_another_has_claimed_since_does_not_get_it",
    ),
    _guard(
        "the fence at writing back",
        "db/queries/publishing.py",
        "        return self._gate.update(outbox).where(outbox.c.id == job.id, outbox.c.fence == job.fence)\n",
        "        return self._gate.update(outbox).where(outbox.c.id == job.id)\n",
        f"{_OUTBOX}test_an_expired_lease_is_taken_over_and_the_old_fence_writes_nothing",
    ),
    _guard(
        "a revision that came during the post is still due",
        "db/queries/publishing.py",
        "        due_at=case((outbox.c.desired_rev > rev, again), else_=null()),\n",
        "        due_at=case((outbox.c.desired_rev < 0, again), else_=null()),\n",
        f"{_OUTBOX}test_a_change_while_it_is_being_sent_is_shown_next",
    ),
    _guard(
        "a way to Slack is taken by compare-and-set",
        "db/queries/ways.py",
        'leases.c.fence == bindparam("known"))\n',
        'bindparam("known") >= 0)\n',
        f"{_OUTBOX}test_all_processes_keep_one_pace[mariadb]",
    ),
    _guard(
        "a message of unknown fate is looked for by its metadata",
        "bot/publisher/deliver.py",
        "            place = await self._find_again(job) or await self._send(job, deadline)\n",
        "            place = await self._send(job, deadline)\n",
        f"{_BOT}/test_outage.py::test_the_digest_is_there_once_though_its_reply_is_lost",
        f"{_BOT}/test_refusals.py::test_a_thread_entry_whose_reply_was_lost_is_found_in_its_thread",
    ),
    _guard(
        "it is looked for after it has settled",
        "bot/publisher/deliver.py",
        "            settled = max(wait, SETTLING) if sent else wait\n",
        "            settled = wait\n",
        f"{_BOT}/test_late.py::test_what_slack_may_still_be_storing_is_looked_for_when_it_has_settled",
    ),
    _guard(
        "nothing is sent after the deadline of its lease, unless that is leased anew",
        "bot/publisher/deliver.py",
        "        while (now := self.clock()) >= deadline:\n",
        "        while (now := self.clock()) < 0:\n",
        f"{_BOT}/test_late.py::test_who_comes_too_late_and_has_lost_its_row_sends_nothing",
    ),
    _guard(
        "who posted without the fence deletes the second message",
        "bot/publisher/deliver.py",
        "                await self.slack.delete(place)\n",
        "                pass\n",
        f"{_BOT}/test_late.py::test_of_two_posts_the_one_without_the_fence_is_deleted",
    ),
    _guard(
        "who updated without the fence has it shown anew",
        "bot/publisher/deliver.py",
        "        ts = await self.transactions.write(lambda uow: uow.publishing.touch(job), patience=_PATIENCE)\n",
        "        ts = job.ts\n",
        f"{_BOT}/test_late.py::test_an_old_update_that_arrives_late_is_overwritten",
    ),
    _guard(
        "a storm parks only what nobody has begun to post since it looked",
        "db/queries/storms.py",
        "            cards = self._gate.update(outbox).where(outbox.c.id.in_(some), *self._parkable())\n",
        "            cards = self._gate.update(outbox).where(outbox.c.id.in_(some))\n",
        f"{_STORMS}test_a_card_that_is_claimed_while_a_storm_parks_is_not_parked",
    ),
    _guard(
        "who read a card before it was parked can't claim it",
        "db/queries/storms.py",
        "                cards.values(shown_in_id=storm.rollup_id, due_at=None, fence=outbox.c.fence + 1)\n",
        "                cards.values(shown_in_id=storm.rollup_id, due_at=None)\n",
        f"{_STORMS}test_who_has_read_a_row_before_it_was_parked_cannot_claim_it",
    ),
    _guard(
        "new cards are held back while a storm is under way",
        "db/queries/publishing.py",
        "        .where(not_(HELD_BACK))\n",
        "",
        f"{_STORMS}test_what_comes_later_joins_it_and_is_never_posted_meanwhile",
    ),
    _guard(
        "a beat that opens nothing is no end that overtook its beginning",
        "db/queries/alerts.py",
        "alerts.c.status == AlertStatus.RESOLVED.value, ",
        "",
        f"{_DB}/test_heartbeats.py::test_a_watchdog_is_stored_and_heard_and_opens_nothing",
    ),
    _guard(
        "an outage is ended by compare-and-set",
        "db/queries/outages.py",
        '        this = self._gate.update(leases).where(leases.c.name == AWAY, leases.c.fence == row["fence"])\n'
        "        if await self._gate.changed(",
        "        this = self._gate.update(leases).where(leases.c.name == AWAY)\n        if await self._gate.changed(",
        f"{_DB}/test_outage_row.py::test_of_two_that_succeed_at_once_one_ends_the_outage",
    ),
    _guard(
        "an outage is begun by compare-and-set",
        "db/queries/outages.py",
        '        this = self._gate.update(leases).where(leases.c.name == AWAY, leases.c.fence == row["fence"])\n'
        "        await self._gate.execute(",
        "        this = self._gate.update(leases).where(leases.c.name == AWAY)\n        await self._gate.execute(",
        f"{_DB}/test_outage_row.py::test_whoever_begins_an_outage_second_leaves_it_as_it_began",
    ),
    _guard(
        "a digest stands only for what it has read",
        "db/queries/outages.py",
        "outbox.c.desired_rev == rev, outbox.c.ts.is_(None)\n",
        "outbox.c.ts.is_(None)\n",
        f"{_BOT}/test_outage.py::test_what_opens_again_while_the_digest_is_being_made_gets_its_card",
    ),
)

ON_CALL = (
    _guard(
        "one process at a time reads a calendar",
        "db/queries/calendars.py",
        "_TABLE.c.schedule == schedule, _TABLE.c.lease_until <= now, is_due)",
        "_TABLE.c.schedule == schedule)",
        f"{_DB}/test_calendars.py::test_of_many_processes_one_reads_and_what_the_file_says_now_counts",
    ),
    _guard(
        "what is read of a calendar is of what bongsu.yaml says now",
        "db/queries/calendars.py",
        "_TABLE.c.schedule == schedule, _TABLE.c.source_sha256 == source_sha256)",
        "_TABLE.c.schedule == schedule)",
        f"{_DB}/test_calendars.py::test_of_many_processes_one_reads_and_what_the_file_says_now_counts",
    ),
)

REST = (
    _guard(
        "what was declared is found by its token, though it is over",
        "incidents/actions/declare.py",
        "    if known := await uow.incidents.lock_for(keys=[key], ids=(), resolved_since=uow.now - _EVER):\n"
        "        return known[0]\n",
        "",
        "tests/integration/api/test_actions.py::test_a_declaration_is_made_once_whenever_it_is_sent_again",
    ),
    _guard(
        "a request that comes again has the token that it had",
        "receiver/api/dispatch.py",
        "    if idempotency_key is None:\n        return uuid.uuid4().hex\n",
        "    return uuid.uuid4().hex\n",
        "tests/integration/api/test_actions.py::test_a_declaration_is_made_once_whenever_it_is_sent_again",
    ),
)

SECOND_PERSON = (
    _guard(
        "a request is looked at again under the lock of its incident",
        "incidents/approvals/deciding.py",
        "    approval = await uow.approvals.lock(approval_id)\n",
        "    approval = known\n",
        f"{_DB}/test_approvals.py::test_of_two_who_approve_at_once_one_wins[mariadb]",
    ),
    Guard(
        "one open request for each incident: the unique index",
        (
            Edit("db/approval_tables.py", f"    {_ONE_REQUEST}\n", ""),
            Edit("db/migrations/versions/0023_approvals.py", f"        sa.{_ONE_REQUEST}\n", ""),
        ),
        (f"{_DB}/test_approvals.py::test_the_database_itself_refuses_a_second_open_request_of_an_incident[mariadb]",),
    ),
    _guard(
        "what recovers has overtaken what was asked",
        "incidents/ingest/flush.py",
        "    await end_overtaken([(one.changes[0].before, one.incident) for one in changed], uow)\n",
        "",
        f"{_DB}/test_approvals.py::test_what_comes_first_ends_the_request",
    ),
)

CLUSTER = (
    _guard(
        "on a cluster whoever locks an incident writes to it",
        "db/queries/incidents.py",
        "        if self._gate.in_cluster and locked:\n",
        "        if False:\n",
        f"{_DB}/test_cluster.py::test_whoever_locks_an_incident_writes_to_it",
    ),
    _guard(
        "on a cluster whoever joins a page that waits writes to it",
        "db/queries/outbox.py",
        "        if found is not None and self._gate.in_cluster:\n",
        "        if False:\n",
        f"{_DB}/test_cluster.py::test_whoever_joins_a_page_that_waits_writes_to_it",
    ),
    _guard(
        "ids are not guessed where the nodes of a cluster have changed",
        "db/gate.py",
        "        if self.in_cluster and len(ids) > 1:\n",
        "        if False:\n",
        f"{_DB}/test_cluster.py::test_ids_are_not_guessed_while_nodes_come_and_go",
    ),
    _guard(
        "a node of a cluster reads what the others were told",
        "db/hosts.py",
        "        await cursor.execute(_CAUSAL)\n",
        "",
        "tests/unit/db/test_hosts.py::test_a_node_of_a_cluster_reads_what_others_were_told_and_no_other_server_is_asked_to",
    ),
)

GUARDS = (*IN, *TOGETHER, *OUT, *ON_CALL, *REST, *SECOND_PERSON, *CLUSTER)
