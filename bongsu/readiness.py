"""May this process be sent traffic? The database answers, and its tables are those that the program was written for."""

from db.engine import Engines
from db.migrate import current, newest


class Readiness:
    """Asks the database each time: it may be away, or be upgraded, while the process runs."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    async def problems(self) -> list[str]:
        """Sentences that say what is wrong and what to do. Raises Unavailable where the database is away."""
        found, wanted = await current(self._engines), newest()
        if found is None:
            return ["the database has no tables yet: run `bongsu migrate`"]
        if found != wanted:
            return [f"the database is at revision {found}, this program needs {wanted}: run `bongsu migrate`"]
        return []
