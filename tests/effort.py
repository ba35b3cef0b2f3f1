"""How much of what could be tried for ever is tried: a little in `make test`, five times as much in `make thorough`."""

import os

EFFORT = int(os.environ.get("BONGSU_TEST_EFFORT", "1"))


def times(few: int) -> int:
    """As many examples as the present effort makes of a few."""
    return few * EFFORT
