"""Does a label tell a deployment phase, or what kube-state-metrics calls a pod's phase (Failed, Pending…)?

A pod's phase changes while the incident lasts, and the incident's key would change with it: so only known names count.
"""

from collections.abc import Container

_PHASES = frozenset({
    "prod", "production", "prd", "live", "staging", "stage", "stg", "preprod", "pre-prod", "preproduction", "uat", "qa",
    "test", "testing", "integration", "int", "dev", "development", "sandbox", "canary", "beta", "alpha", "demo", "dr",
    "real", "perf", "load", "local",
})  # fmt: skip


def is_phase(value: str, also: Container[str] = ()) -> bool:
    """True for the names that teams give to their environments, in any case. ``also`` is what a team adds to them."""
    told = value.casefold()
    return told in _PHASES or told in also
