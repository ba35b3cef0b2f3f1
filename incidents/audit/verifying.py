"""Whether a chain is whole, and if not, which entry is the first that isn't, and why. Pure: entries in, faults out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from incidents.audit.model import SECRET_SET, Entry, Head, Sealed
from incidents.audit.sealing import Secret, digest_of, hash_of

MOST_FAULTS = 20


class Kind(StrEnum):
    """What can be wrong with an entry."""

    WORDS = "words"
    FRAME = "frame"
    MISSING = "missing"
    OUT_OF_ORDER = "out_of_order"
    TRUNCATED = "truncated"
    BEHIND_HEAD = "behind_head"
    HEAD = "head"
    OTHER_HEAD = "other_head"
    UNKEYED = "unkeyed"
    FORGED = "forged"


_SAID = {
    Kind.WORDS: "its who, from where, before, after or data were edited",
    Kind.FRAME: "it was edited, or does not follow the entry that stands before it",
    Kind.MISSING: "it is missing",
    Kind.OUT_OF_ORDER: "it was inserted, or stands out of its order",
    Kind.TRUNCATED: "it is missing: the log was cut off before it",
    Kind.BEHIND_HEAD: "it was added behind the head of the chain",
    Kind.HEAD: "its hash is not the one that the head of the chain has",
    Kind.OTHER_HEAD: "its hash is not the one that was noted outside: what stands before it was written anew",
    Kind.UNKEYED: "it was not sealed with the secret, though what should be here was",
    Kind.FORGED: "it claims what only the keeper of the chain writes, and was not written by it",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """``seq`` is the first of the entries that it is about, ``through`` the last of them."""

    seq: int
    kind: Kind
    through: int | None = None

    def __str__(self) -> str:
        which = f"entry {self.seq}" if self.through in {None, self.seq} else f"entries {self.seq} to {self.through}"
        said = _SAID[self.kind] if self.through in {None, self.seq} else _SAID[self.kind].replace("it is", "they are")
        return f"{which}: {said}"


@dataclass(frozen=True, slots=True)
class Report:
    """``entries`` were read, from ``first`` to ``last``; None: there are none. ``unsealed`` wait to be sealed.

    ``is_keyed``: there are entries that only who knows the secret can check, and it was not told. ``erased`` are those
    whose words about a person were replaced. ``head_not_kept``: the one that was noted outside was deleted because of
    its age, so nothing can be said of it. ``is_unkeyed``: the secret was told, but nothing says that
    anything was ever sealed with it: so it proves nothing.
    """

    faults: tuple[Fault, ...]
    entries: int = 0
    first: int | None = None
    last: Head | None = None
    erased: int = 0
    unsealed: int = 0
    is_keyed: bool = False
    head_not_kept: bool = False
    is_unkeyed: bool = False

    @property
    def is_whole(self) -> bool:
        return not self.faults


@dataclass(frozen=True, slots=True)
class Outside:
    """What is known besides the entries.

    ``erasures``: by seq, the digest of what stands there since a person was erased. ``pruned``: by seq, the hash of
    the last entry that was deleted. ``noted``: heads that somebody has kept elsewhere.
    """

    erasures: Mapping[int, str] = field(default_factory=dict)
    pruned: Mapping[int, str] = field(default_factory=dict)
    noted: Sequence[Head] = ()

    @classmethod
    def of(cls, erased: Iterable[Sealed], pruned: Iterable[Sealed], noted: Sequence[Head] = ()) -> "Outside":
        """From the entries that tell of it, by seq: the newest counts. What is not as it should be tells nothing."""
        erasures = {seq: digest for one in erased for seq, digest in _erased(one)}
        return cls(erasures, dict(pair for one in pruned if (pair := _pruned(one)) is not None), noted)


class Walk:
    """Takes a chain entry by entry, in the order in which they stand, from ``start`` on.

    ``start`` None: ``begin`` tells it.
    """

    def __init__(self, start: Head | None, outside: Outside, secret: Secret) -> None:
        self._outside = outside
        self._secret = secret
        self._last = start
        self._first: int | None = None
        self._faults: list[Fault] = []
        self._entries = self._erased = 0
        self._was_keyed = self._is_keyed = self._has_begun = False
        self._noted = {head.seq: head.hash for head in outside.noted}

    @property
    def last(self) -> Head | None:
        return self._last

    def begin(self, previous: str, seq: int) -> None:
        """With a part of a chain, whose first entry is ``seq`` and follows that hash."""
        self._last = Head(seq - 1, previous)

    def take(self, entry: Sealed) -> None:
        """The next one."""
        seal = entry.seal
        self._check_place(seal.seq)
        if self._first is None:
            self._first = seal.seq
        self._entries += 1
        self._has_begun |= entry.told.action == SECRET_SET
        self._check_words(entry)
        self._check_frame(entry)
        if (noted := self._noted.pop(seal.seq, None)) is not None and noted != seal.hash:
            self._say(seal.seq, Kind.OTHER_HEAD)
        self._last = Head(seal.seq, seal.hash, seal.keyed)

    def done(self, head: Head | None, *, unsealed: int = 0, forged: Sequence[Entry] = ()) -> Report:
        """``head``: as it is kept apart from the entries; None: it is not known here."""
        last = self._last or Head(0, "")
        if head is not None:
            self._check_head(head, last)
        not_kept = False
        for seq in sorted(self._noted):
            if seq > last.seq:
                self._say(last.seq + 1, Kind.TRUNCATED, through=seq)
            elif self._outside.pruned.get(seq) not in {None, self._noted[seq]}:
                self._say(seq, Kind.OTHER_HEAD)
            elif seq not in self._outside.pruned and (self._first is None or seq < self._first):
                not_kept = True
        is_unkeyed = self._secret is not None and self._entries > 0 and not last.keyed
        has_begun = self._was_keyed or self._has_begun or (head is not None and head.keyed)
        if is_unkeyed and has_begun:
            self._say(last.seq, Kind.UNKEYED)
        for _ in forged:
            self._say(last.seq + 1, Kind.FORGED)
        faults = tuple(sorted(self._faults, key=lambda fault: fault.seq))
        return Report(
            faults,
            self._entries,
            self._first,
            last if self._entries else None,
            self._erased,
            unsealed,
            self._is_keyed,
            not_kept,
            is_unkeyed and not has_begun,
        )

    def _check_place(self, seq: int) -> None:
        last = self._last or Head(0, "")
        if seq == last.seq + 1:
            return
        if seq <= last.seq:
            self._say(seq, Kind.OUT_OF_ORDER)
            return
        pruned = self._outside.pruned.get(seq - 1) if self._first is None else None
        if pruned is not None:
            self._last = Head(seq - 1, pruned)
        else:
            self._say(last.seq + 1, Kind.MISSING, through=seq - 1)
            self._last = None

    def _check_words(self, entry: Sealed) -> None:
        seal = entry.seal
        digest = digest_of(entry.told, seal.salt)
        if digest == seal.digest:
            return
        if self._outside.erasures.get(seal.seq) == digest:
            self._erased += 1
        else:
            self._say(seal.seq, Kind.WORDS)

    def _check_frame(self, entry: Sealed) -> None:
        """Where the one before is missing, nothing can be said of what follows it but that."""
        seal, before = entry.seal, self._last
        if self._was_keyed and not seal.keyed:
            self._say(seal.seq, Kind.UNKEYED)
        self._was_keyed |= seal.keyed
        if seal.keyed and self._secret is None:
            self._is_keyed = True
            return
        if before is None:
            return
        made = hash_of(
            entry.told,
            seq=seal.seq,
            digest=seal.digest,
            keyed=seal.keyed,
            previous=before.hash,
            secret=self._secret,
        )
        if made != seal.hash:
            self._say(seal.seq, Kind.FRAME)

    def _check_head(self, head: Head, last: Head) -> None:
        if head.seq > last.seq:
            self._say(last.seq + 1, Kind.TRUNCATED, through=head.seq)
        elif head.seq < last.seq:
            self._say(head.seq + 1, Kind.BEHIND_HEAD, through=last.seq)
        elif head.hash != last.hash and head.seq:
            self._say(head.seq, Kind.HEAD)

    def _say(self, seq: int, kind: Kind, *, through: int | None = None) -> None:
        if len(self._faults) < MOST_FAULTS:
            self._faults.append(Fault(seq, kind, through))


def _erased(entry: Sealed) -> list[tuple[int, str]]:
    """(seq, digest) of the entries that it has changed: earlier ones, always."""
    told = (entry.told.after or {}).get("entries")
    pairs = [one for one in told if isinstance(one, list) and len(one) == 2] if isinstance(told, list) else []
    return [(seq, digest) for seq, digest in pairs if isinstance(seq, int) and seq < entry.seal.seq]


def _pruned(entry: Sealed) -> tuple[int, str] | None:
    after = entry.told.after or {}
    through, made = after.get("through"), after.get("hash")
    if isinstance(through, int) and isinstance(made, str) and through < entry.seal.seq:
        return through, made
    return None
