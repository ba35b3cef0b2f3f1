"""The one way in: deliveries become stored alerts and incidents, in one transaction."""

from incidents.ingest.batch import ingest
from incidents.ingest.outcome import Ingested
from incidents.ingest.reject import reject
from incidents.ingest.replay import replay

__all__ = ["Ingested", "ingest", "reject", "replay"]
