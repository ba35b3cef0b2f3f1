"""``--since 2h``"""

import argparse
from datetime import timedelta

from base.durations import parse_duration


def since(told: str) -> timedelta:
    """For argparse: how long ago."""
    try:
        return parse_duration(told)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
