"""The Home tabs: shown at once to who opens one or clicks in it, and kept up to date for all who opened theirs."""

from bot.home.keeper import HomeKeeper
from bot.home.show import Homes

__all__ = ["HomeKeeper", "Homes"]
