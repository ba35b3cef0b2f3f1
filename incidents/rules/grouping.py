"""Which incident is an alert about? What its key is made of."""

from incidents.model import AlertKind, Place, SourceAlert


def grouping(told: SourceAlert, where: Place) -> tuple[str, Place]:
    """The rule part and the place of the incident key.

    Alerts that say that a rule can't see are no news of what it measures, and tests of nothing: they have keys of
    their own. One broken data source fails all of its rules at once, wherever they look: that is one incident of a
    cluster. Where the sender does not tell the data source, it is one for the rule.
    """
    match told.kind:
        case AlertKind.DATA:
            return told.rule_uid, where
        case AlertKind.ERROR:
            broken = f"error:{told.datasource_uid}" if told.datasource_uid else f"error_of_rule:{told.rule_uid}"
            return broken, Place(cluster=where.cluster)
        case _:
            return f"{told.kind.value}:{told.rule_uid}", where
