from dataclasses import FrozenInstanceError, dataclass, field

import pytest

from base.records import made, replace


@dataclass(frozen=True)
class Plain:
    one: int
    other: str = "o"


@dataclass(frozen=True, slots=True)
class Slotted:
    one: int
    other: str = "o"


@dataclass(frozen=True)
class Checked:
    one: int
    twice: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "twice", 2 * self.one)


@pytest.mark.parametrize("kind", [Plain, Slotted])
def test_a_changed_copy_leaves_the_first_as_it_was(kind: type[Plain]) -> None:
    first = kind(1)
    second = replace(first, one=2)
    assert (first, second) == (kind(1), kind(2, "o"))
    assert hash(second) == hash(kind(2))


def test_what_is_computed_from_its_fields_is_computed_anew() -> None:
    assert replace(Checked(1), one=4).twice == 8


def test_a_copy_is_frozen_too() -> None:
    with pytest.raises(FrozenInstanceError):
        replace(Plain(1), one=2).one = 3  # type: ignore[misc]


@pytest.mark.parametrize("kind", [Plain, Slotted])
def test_an_unknown_field_is_refused(kind: type[Plain]) -> None:
    with pytest.raises(TypeError, match="twin"):
        replace(kind(1), twin=2)  # type: ignore[call-arg]


@pytest.mark.parametrize("kind", [Plain, Slotted])
def test_one_is_made_of_a_mapping(kind: type[Plain]) -> None:
    values = {"one": 3, "other": "x"}
    assert made(kind, values) == kind(3, "x")
    values["one"] = 4
    assert made(kind, values) == kind(4, "x")


@pytest.mark.parametrize("values", [{"one": 3}, {"one": 3, "other": "o", "more": 1}, {"one": 3, "more": 1}])
def test_one_is_made_as_its_class_would_where_fields_are_missing_or_too_many(values: dict[str, object]) -> None:
    if "more" in values:
        with pytest.raises(TypeError, match="more"):
            made(Plain, values)
    else:
        assert made(Plain, values) == Plain(3)
