"""Every kind of tampering is found, where it begins, and by what it is."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.audit.model import ERASED, PRUNED, SECRET_SET, Head, NewEntry, Seal, Sealed
from incidents.audit.sealing import digest_of, genesis, hash_of
from incidents.audit.verifying import Kind, Outside
from tests.unit.audit.building import TENANT, chain, chained, edited, head, resealed, told, walked

SECRET = "a secret of some length"
OTHER = {
    "at": told(1).at + timedelta(microseconds=1),
    "actor": "U0MALLORY",
    "action": "incident.resolved",
    "subject": "INC-99",
    "via": "key",
    "origin": "cli",
    "before": {"status": "resolved"},
    "after": None,
    "data": {"note": "x"},
    "incident_id": None,
    "event_id": 77,
}


def found(report: object) -> list[tuple[int, Kind]]:
    return [(one.seq, one.kind) for one in report.faults]  # type: ignore[attr-defined]


def test_a_whole_chain_is_whole() -> None:
    entries = chain(5)
    report = walked(entries, kept=head(entries))
    assert report.is_whole
    assert (report.entries, report.first, report.last) == (5, 1, head(entries))
    assert walked([], kept=genesis(TENANT)).is_whole


@pytest.mark.parametrize("name", [field.name for field in fields(NewEntry)])
def test_an_edited_column_is_found(name: str) -> None:
    entries = chain(4)
    kept = head(entries)
    entries[1] = edited(entries[1], **{name: OTHER[name]})
    assert [seq for seq, _ in found(walked(entries, kept=kept))] == [2]


@pytest.mark.parametrize("name", [field.name for field in fields(Seal) if field.name != "seq"])
def test_an_edited_seal_is_found(name: str) -> None:
    entries = chain(4)
    kept = head(entries)
    entries[1] = resealed(entries[1], **{name: True if name == "keyed" else "0" * 64})
    assert not walked(entries, kept=kept).is_whole
    assert found(walked(entries, kept=kept, secret=None))[0][0] in {2, 3}


@pytest.mark.parametrize(("gone", "kind"), [(1, Kind.MISSING), (3, Kind.MISSING), (5, Kind.TRUNCATED)])
def test_a_removed_entry_is_found(gone: int, kind: Kind) -> None:
    entries = chain(5)
    kept = head(entries)
    del entries[gone - 1]
    assert found(walked(entries, kept=kept)) == [(gone, kind)]


def test_removed_and_the_rest_moved_up_is_found() -> None:
    entries = chain(5)
    kept = head(entries)
    moved = [*entries[:2], *(resealed(one, seq=one.seal.seq - 1) for one in entries[3:])]
    assert found(walked(moved, kept=kept))[0] == (3, Kind.FRAME)


def test_two_that_have_changed_places_are_found() -> None:
    entries = chain(5)
    one, other = entries[1], entries[3]
    entries[1], entries[3] = resealed(other, seq=2), resealed(one, seq=4)
    assert found(walked(entries, kept=head(entries)))[0][0] == 2
    entries = chain(5)
    entries[1], entries[3] = replace(entries[1], told=entries[3].told), replace(entries[3], told=entries[1].told)
    assert found(walked(entries, kept=head(entries)))[0] == (2, Kind.WORDS)


def test_an_inserted_entry_is_found() -> None:
    entries = chain(5)
    kept = head(entries)
    [forged] = chained([told(99)], after=head(entries[:2]))
    behind = [resealed(one, seq=one.seal.seq + 1) for one in entries[2:]]
    assert found(walked([*entries[:2], forged, *behind], kept=kept))[0] == (4, Kind.FRAME)
    assert (3, Kind.OUT_OF_ORDER) in found(walked([*entries[:3], forged, *entries[3:]], kept=kept))
    assert found(walked([*entries, *chained([told(99)], after=kept)], kept=kept)) == [(6, Kind.BEHIND_HEAD)]


def test_what_was_cut_off_with_the_head_is_found_by_one_that_was_noted_outside() -> None:
    entries = chain(5)
    noted = Outside(noted=[head(entries)])
    short = entries[:3]
    assert walked(short, kept=head(short)).is_whole
    assert found(walked(short, kept=head(short), outside=noted)) == [(4, Kind.TRUNCATED)]
    anew = chained([told(number, actor="U0MALLORY") for number in range(1, 6)])
    assert walked(anew, kept=head(anew)).is_whole
    assert found(walked(anew, kept=head(anew), outside=noted)) == [(5, Kind.OTHER_HEAD)]
    assert walked(entries, kept=head(entries), outside=noted).is_whole


def test_without_the_secret_nobody_writes_a_chain_anew() -> None:
    entries = chain(3, secret=SECRET)
    assert walked(entries, kept=head(entries), secret=SECRET).is_whole
    assert found(walked(entries, secret="another"))[0] == (1, Kind.FRAME)
    guessed = chain(3, secret="")
    assert not walked(guessed, secret=SECRET).is_whole
    plain = chain(3)
    keyed = replace(head(plain), keyed=True)
    assert found(walked(plain, kept=keyed, secret=SECRET)) == [(3, Kind.UNKEYED)]
    claimed = chained([told(1, action=SECRET_SET), told(2)])
    assert found(walked(claimed, kept=head(claimed), secret=SECRET)) == [(2, Kind.UNKEYED)]
    cut = chained([told(9)], after=head(entries))
    assert (4, Kind.UNKEYED) in found(walked([*entries, *cut], secret=SECRET))
    assert walked(entries, kept=head(entries)).is_keyed


def test_a_secret_that_only_who_verifies_has_is_no_fault_of_the_log() -> None:
    plain = chain(3)
    report = walked(plain, kept=head(plain), secret=SECRET)
    assert (report.is_whole, report.is_unkeyed) == (True, True)
    assert not walked(plain, kept=head(plain)).is_unkeyed
    plain[1] = edited(plain[1], actor="U0MALLORY")
    assert found(walked(plain, kept=head(plain), secret=SECRET)) == [(2, Kind.WORDS)]


def test_a_secret_may_come_later() -> None:
    plain = chain(3)
    began = told(4, action=SECRET_SET, event_id=None)
    keyed = chained([began, told(5)], secret=SECRET, after=head(plain))
    assert walked([*plain, *keyed], kept=head(keyed), secret=SECRET).is_whole
    plain[0] = chained([told(1, actor="U0MALLORY")])[0]
    assert found(walked([*plain, *keyed], secret=SECRET))[0] == (2, Kind.FRAME)


def erased(entries: list[Sealed], seq: int) -> tuple[list[Sealed], Sealed]:
    """Its words replaced, and the entry that says so."""
    gone = replace(entries[seq - 1].told, actor="erased:1", before=None)
    changed = list(entries)
    changed[seq - 1] = replace(resealed(entries[seq - 1], salt="new"), told=gone)
    after = {"entries": [[seq, digest_of(gone, "new")]]}
    [says] = chained([told(50, action=ERASED, after=after)], after=head(entries))
    return [*changed, says], says


def test_an_erasure_leaves_it_whole_and_an_edit_after_it_does_not() -> None:
    changed, says = erased(chain(4), 2)
    outside = Outside.of([says], [])
    report = walked(changed, kept=head(changed), outside=outside)
    assert (report.is_whole, report.erased) == (True, 1)
    assert found(walked(changed, kept=head(changed))) == [(2, Kind.WORDS)]
    changed[1] = edited(changed[1], actor="U0BOB")
    assert found(walked(changed, kept=head(changed), outside=outside)) == [(2, Kind.WORDS)]


def test_an_erasure_says_nothing_of_what_came_after_it() -> None:
    entries = chain(3)
    after = {"entries": [[3, digest_of(told(3, actor="x"), "s")], ["2", "x"], [1], "?"]}
    [says] = chained([told(50, action=ERASED, after=after)], after=head(entries[:2]))
    assert Outside.of([says], []).erasures == {}


def test_what_was_deleted_because_of_its_age_is_no_gap() -> None:
    entries = chain(5)
    after = {"through": 2, "hash": entries[1].seal.hash, "entries": 2}
    [says] = chained([told(50, action=PRUNED, after=after)], after=head(entries))
    left, outside = [*entries[2:], says], Outside.of([], [says])
    assert walked(left, kept=head(left), outside=outside).is_whole
    assert found(walked(left[1:], kept=head(left), outside=outside))[0] == (1, Kind.MISSING)
    forged = Outside(pruned={2: "0" * 64})
    assert found(walked(left, kept=head(left), outside=forged))[0] == (3, Kind.FRAME)
    noted = replace(outside, noted=[Head(1, entries[0].seal.hash)])
    report = walked(left, kept=head(left), outside=noted)
    assert (report.is_whole, report.head_not_kept) == (True, True)
    lied = replace(outside, noted=[Head(2, "0" * 64)])
    assert found(walked(left, kept=head(left), outside=lied))[0] == (2, Kind.OTHER_HEAD)


WORDS = st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.text(max_size=5), max_size=3)
ENTRIES = st.lists(
    st.builds(told, st.integers(1, 99), actor=st.text(max_size=5), before=st.none() | WORDS, data=st.none() | WORDS),
    min_size=1,
    max_size=8,
)


@given(ENTRIES, st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_is_done_to_a_chain_is_found_unless_nothing_was_done(
    entries: list[NewEntry], data: st.DataObject
) -> None:
    whole = chained(entries)
    kept = head(whole)
    assert walked(whole, kept=kept).is_whole
    order = data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=10), label="which, in what order")
    renumbered = data.draw(st.booleans(), label="seq as it should be")
    changed = [whole[place] for place in order]
    if renumbered:
        changed = [resealed(one, seq=seq) for seq, one in enumerate(changed, start=1)]
    assert walked(changed, kept=kept).is_whole == (changed == whole)


def test_hashes_cover_the_place_and_the_entry_before() -> None:
    one = told(1)
    made = {
        hash_of(one, seq=seq, digest=digest, keyed=False, previous=previous, secret=None)
        for seq in (1, 2)
        for digest in ("a", "b")
        for previous in ("c", "d")
    }
    assert len(made) == 8
