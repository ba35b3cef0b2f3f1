"""Organisations side by side in one process: what each has of its own, and how it begins and ends."""

from bongsu.tenants.all import LOOKED_FOR_EVERY, AllStores, Tenants
from bongsu.tenants.installing import add_installs
from bongsu.tenants.metrics import FiguresOfAll
from bongsu.tenants.part import build_part
from bongsu.tenants.shared import Shared
from bongsu.tenants.switchboard import Switchboard
from bongsu.tenants.tokens import Tokens

__all__ = [
    "LOOKED_FOR_EVERY",
    "AllStores",
    "FiguresOfAll",
    "Shared",
    "Switchboard",
    "Tenants",
    "Tokens",
    "add_installs",
    "build_part",
]
