"""schemathesis against a running API: whether all that it answers is what its OpenAPI document says.

It runs as a process of its own. What is sent comes from a seed: the same again, as far as the answers are the same.
"""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from receiver.api.openapi_parts import KEY

ROOT = Path(__file__).parents[1]
ALL_PHASES = ("examples", "coverage", "fuzzing", "stateful")
NO_MISTAKE = ("2xx", "3xx", 401, 403, 404, 409, 412, 429, 431)
"""What a request that fits its schema may be answered: no schema knows which version an incident has, or how much fits
into one line."""
REFUSED = (400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 429, 431)
"""What one that does not fit may be."""
_WORDS = ("add_note", "add_to_timeline", "create_key", "declare_incident", "edit_incident", "sum_up_incident")
_TIMES = (
    "get_stats", "list_alerts", "list_audit_entries", "list_deliveries", "list_incidents", "list_on_call",
    "plan_maintenance", "snooze_incident", "take_schedule_over",
)  # fmt: skip
_NAMES = ("assign_incident", "merge_incident", "replay_delivery", "split_incident")
BEYOND_SCHEMAS: Mapping[str, tuple[int, ...]] = dict.fromkeys((*_WORDS, *_TIMES, *_NAMES), (422,))
"""By operation, what else it may be answered, for rules that no schema can say: that words are more than white space, a
time is still to come, an end comes after its beginning, a person, an incident or a series is there, or that a
delivery was refused.
"""
HOOKS = "tests.contract_hooks"
_SECRET = "BONGSU_CONTRACT_KEY"
_COLOURLESS = {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "200"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much is tried: so many examples of each operation, in these phases; ``seconds`` None: once through."""

    phases: Sequence[str] = ALL_PHASES
    examples: int = 20
    seconds: int | None = None
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    is_clean: bool
    told: str


async def try_contract(url: str, secret: str, folder: Path, extent: Extent) -> Verdict:
    """``url``: of the process. ``secret``: an admin's key. ``folder``: where schemathesis may leave what it likes."""
    config = folder / "schemathesis.toml"
    config.write_text(_config(), encoding="utf-8")
    told = [
        *("--config-file", str(config), "run", f"{url}/api/openapi.json"),
        *("--phases", ",".join(extent.phases), "--max-examples", str(extent.examples), "--seed", str(extent.seed)),
        *("--continue-on-failure", "--no-shrink"),
        *(("--max-time", str(extent.seconds)) if extent.seconds is not None else ()),
    ]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()", *told),
        cwd=folder,
        env={**os.environ, **_COLOURLESS, "PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": HOOKS, _SECRET: secret},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        out, _ = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        raise
    return Verdict(process.returncode == 0, out.decode(errors="replace"))


def _config() -> str:
    expected = _toml(NO_MISTAKE)
    operations = [
        f'[[operations]]\ninclude-operation-id = "{name}"\n'
        f"checks.positive_data_acceptance.expected-statuses = {_toml((*NO_MISTAKE, *more))}\n"
        for name, more in BEYOND_SCHEMAS.items()
    ]
    general = (
        f"checks.positive_data_acceptance.expected-statuses = {expected}\n"
        f"checks.negative_data_rejection.expected-statuses = {_toml(REFUSED)}\n"
        'generation.database = "none"\ncache.enabled = false\n'
        f'auth.openapi.{KEY}.bearer = "${{{_SECRET}}}"\n'
        'warnings.fail-on = ["missing_auth"]\n'
    )
    return general + "\n".join(operations)


def _toml(values: Sequence[object]) -> str:
    return "[" + ", ".join(f'"{one}"' if isinstance(one, str) else str(one) for one in values) + "]"
