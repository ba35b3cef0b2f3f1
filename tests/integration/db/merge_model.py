"""Merging and splitting once more, as plainly as can be: in memory, one thing after the other, by nothing of ours.

Time stands still but for waits that are longer than any window. Nothing here is critical, blind or a test, and every
end is a recovery.
"""

from collections import Counter
from dataclasses import dataclass, field

FLAPS_FROM = 3


@dataclass(eq=False)
class Case:
    """One incident. ``rows``: whether each of its series fires; ``of`` the merged one that a series goes back to."""

    name: int
    key: str
    is_open: bool = True
    owner: str | None = None
    flaps: bool = False
    closed: int = 0
    closed_in: int = -1
    rows: dict[str, bool] = field(default_factory=dict)
    of: dict[str, "Case"] = field(default_factory=dict)
    parent: "Case | None" = None
    was: tuple[bool, bool] = (False, False)
    split_from: "Case | None" = None
    alerts: int = 0

    @property
    def firing(self) -> int:
        return sum(self.rows.values())

    @property
    def holder(self) -> "Case":
        return self if self.parent is None else self.parent.holder


@dataclass
class MergeModel:
    """``homes``: in which incident each series was put last. ``merges``: who was merged, newest last."""

    cases: list[Case] = field(default_factory=list)
    homes: dict[str, Case] = field(default_factory=dict)
    merges: list[Case] = field(default_factory=list)
    opened: Counter[str] = field(default_factory=Counter)
    waits: int = 0
    closings: int = 0

    # What arrives

    def fires(self, key: str, series: str) -> Case:
        """Anew: it began later than all that is known of it."""
        home, case = self.homes.get(series), self._taking(key, series)
        if home is not None and home is not case and series in home.rows:
            home.rows[series] = False
        if series not in case.rows and (merged := self._merged_into(key, case)) is not None:
            case.of[series] = merged
        case.rows[series] = True
        self.homes[series] = case
        case.alerts += 1
        return case

    def told_again(self, series: str) -> None:
        self.homes[series].alerts += 1

    def ends(self, series: str) -> None:
        case = self.homes[series]
        case.alerts += 1
        if case.rows[series]:
            case.rows[series] = False
            self._close_if_over(case)

    def _taking(self, key: str, series: str) -> Case:
        home = self.homes.get(series)
        if home is not None and (home.is_open or (home.split_from is not None and self._reopens(home))):
            return self._opened(home)
        own = self._own(key)
        if own is not None and own.is_open:
            return own
        alias = self._alias(key)
        if alias is not None:
            return self._opened(alias.holder)
        if own is not None and self._reopens(own):
            return self._opened(own)
        return self._open(key)

    def _own(self, key: str) -> Case | None:
        of_key = [case for case in self.cases if case.key == key]
        return max(of_key, key=lambda case: (case.is_open, case.closed), default=None)

    def _alias(self, key: str) -> Case | None:
        live = [one for one in self.merges if one.key == key and (one.holder.is_open or self._reopens(one.holder))]
        return live[-1] if live else None

    def _merged_into(self, key: str, case: Case) -> Case | None:
        alias = self._alias(key)
        return alias if alias is not None and alias.holder is case else None

    def _reopens(self, case: Case) -> bool:
        return not case.is_open and case.parent is None and case.closed_in == self.waits

    def _open(self, key: str, split_from: Case | None = None) -> Case:
        case = Case(len(self.cases) + 1, key, split_from=split_from)
        self.cases.append(case)
        self._count_episode(case)
        return case

    def _opened(self, case: Case) -> Case:
        if not case.is_open:
            case.is_open = True
            self._count_episode(case)
        return case

    def _count_episode(self, case: Case) -> None:
        self.opened[case.key] += 1
        case.flaps = case.flaps or self.opened[case.key] >= FLAPS_FROM

    def _close_if_over(self, case: Case) -> None:
        if case.is_open and not case.firing and not case.flaps:
            self._close(case)

    def _close(self, case: Case) -> None:
        self.closings += 1
        case.is_open, case.flaps, case.closed, case.closed_in = False, False, self.closings, self.waits

    # What people do: each answers whether it is allowed

    def acknowledge(self, case: Case, who: str) -> bool:
        if not case.is_open or case.owner is not None:
            return False
        case.owner = who
        return True

    def resolve(self, case: Case) -> bool:
        if case.is_open:
            self._close(case)
            return True
        return False

    def merge(self, child: Case, parent: Case) -> bool:
        if child is parent or not child.is_open or not parent.is_open:
            return False
        was = (child.firing == 0, child.flaps)
        for series in [one for one in child.rows if self.homes[one] is child]:
            self._move(series, child, parent, of=child.of.pop(series, child))
        self._close(child)
        child.was, child.parent = was, parent
        self.merges.append(child)
        return True

    def unmerge(self, child: Case) -> bool:
        if child.parent is None:
            return False
        holder, family = child.holder, {child, *(one for one in self.cases if self._is_within(one, child))}
        series = [one for one, of in holder.of.items() if of in family]
        held, flapped = child.was
        opens = held or any(holder.rows[one] for one in series)
        own = self._own(child.key)
        if opens and own is not None and own.is_open:
            return False
        fired = holder.firing
        child.parent = None
        for one in series:
            of = holder.of.pop(one)
            self._move(one, holder, child, of=None if of is child else of)
        self.merges.remove(child)
        if opens:
            child.is_open, child.flaps = True, flapped
        if fired and not holder.firing:
            self._close_if_over(holder)
        return True

    def _is_within(self, case: Case, outer: Case) -> bool:
        while case.parent is not None:
            case = case.parent
            if case is outer:
                return True
        return False

    def split(self, case: Case, series: set[str]) -> bool:
        at_home = {one for one in case.rows if self.homes[one] is case}
        chosen = series & at_home
        if not case.is_open or chosen != series or not chosen or chosen == at_home:
            return False
        if not any(case.rows[one] for one in chosen):
            return False
        fired = case.firing
        new = self._open(f"split {len(self.cases)}", split_from=case)
        new.owner = case.owner
        for one in sorted(chosen):
            case.of.pop(one, None)
            self._move(one, case, new, of=None)
        if fired and not case.firing:
            self._close_if_over(case)
        return True

    def _move(self, series: str, from_: Case, to: Case, *, of: Case | None) -> None:
        was_home = self.homes[series] is from_
        to.rows[series] = from_.rows.pop(series)
        to.of.pop(series, None)
        if of is not None:
            to.of[series] = of
        if was_home:
            self.homes[series] = to

    # Time

    def wait(self) -> None:
        """So long that no window is open any more, and what flapped is quiet."""
        self.waits += 1
        self.opened.clear()
        for case in self.cases:
            if case.is_open and case.flaps and not case.firing:
                self._close(case)
