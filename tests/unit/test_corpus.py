"""The tables of bodies and answers name what is there, and nothing else."""

import pytest

from tests.corpus import FIXTURES, FOUND, OURS, PAYLOADS, listed


def test_every_body_of_ours_has_its_answer() -> None:
    assert listed(FIXTURES) == sorted(OURS)


@pytest.mark.skipif(not PAYLOADS.is_dir(), reason="the bodies that were found elsewhere are not here; ours are")
def test_every_body_that_was_found_has_its_answer() -> None:
    assert listed(PAYLOADS) == sorted(FOUND)
