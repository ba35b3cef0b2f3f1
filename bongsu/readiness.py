"""May this process be sent traffic? The database answers, and its tables are such as the program may use."""

from db.engine import Engines
from db.schema import check, this_program
from incidents.errors import NewerDatabase, OlderDatabase


class Readiness:
    """Asks the database each time: it may be away, or be upgraded, while the process runs."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    async def problems(self) -> list[str]:
        """Sentences that say what is wrong and what to do. Raises Unavailable where the database is away."""
        try:
            await check(self._engines, this_program())
        except (OlderDatabase, NewerDatabase) as error:
            return [str(error)]
        return []
