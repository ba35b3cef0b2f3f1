"""How many files this process may have open: a connection beyond that would end all the others' luck, too."""

import logging
import resource

logger = logging.getLogger(__name__)

KEPT = 1024
"""For the database, Slack, logs, and the connections of a burst that are taken before they are counted."""


def connections_that_fit(wanted: int) -> int:
    """So many, or as many as the system allows. The soft limit is raised as far as it takes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + KEPT
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(hard, needed)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    fit = wanted if soft == resource.RLIM_INFINITY else min(wanted, max(soft - KEPT, soft // 2))
    if fit < wanted:
        logger.warning(
            "at most %s connections: the system allows %s open files, so raise that (ulimit -n, LimitNOFILE), or lower "
            "BONGSU_MAX_CONNECTIONS",
            fit,
            soft,
            extra={"action": "connections_bounded"},
        )
    return fit
