"""What is wanted in Grafana. Built from settings and arguments, and the same for ``setup`` and ``export``."""

from dataclasses import dataclass, field
from enum import StrEnum

from receiver.auth import SIGNATURE_HEADER, Way

FOLDER_UID = "bongsu"
FOLDER_TITLE = "Bongsu"
MYSQL_UID = "bongsu-mysql"
MYSQL_NAME = "Bongsu (MySQL)"
PROMETHEUS_UID = "bongsu-prometheus"
PROMETHEUS_NAME = "Bongsu (Prometheus)"
CONTACT_UID = "bongsu"
CONTACT_NAME = "Bongsu"

Matcher = tuple[str, str, str]
"""Label, operator (``=``, ``!=``, ``=~``, ``!~``) and value."""


class PartName(StrEnum):
    """What may be left out."""

    DATA_SOURCE = "datasource"
    PROMETHEUS = "prometheus"
    DASHBOARDS = "dashboards"
    CONTACT_POINT = "contact-point"
    POLICY = "policy"
    ALERTS = "alerts"


@dataclass(frozen=True, slots=True)
class MySql:
    """``host`` is host:port as Grafana reaches it. ``password`` None: Grafana keeps the one that it has.

    ``ca`` is the certificate, in PEM, of the authority that signed the server's; None: without TLS.
    """

    host: str
    database: str
    user: str
    password: str | None = field(default=None, repr=False)
    ca: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Credential:
    """By which Grafana proves itself to Bongsu. ``user`` counts for basic authentication alone."""

    way: Way
    secret: str = field(repr=False)
    user: str = ""
    timestamp_header: str = ""

    def settings(self, secret: str | None = None) -> dict[str, object]:
        """As a contact point's settings name it; ``secret`` stands in for the real one."""
        told = self.secret if secret is None else secret
        match self.way:
            case Way.HMAC:
                clock = {"timestampHeader": self.timestamp_header} if self.timestamp_header else {}
                return {"hmacConfig": {"secret": told, "header": SIGNATURE_HEADER, **clock}}
            case Way.BASIC:
                return {"username": self.user, "password": told}
        return {"authorization_scheme": "Bearer", "authorization_credentials": told}


@dataclass(frozen=True, slots=True)
class Contact:
    """``url`` is the webhook's. ``credentials``: the best first, of which Grafana gets the first that it can use."""

    url: str
    credentials: tuple[Credential, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is None or () is not wanted. ``prometheus_uid`` is that of the one to use; None: there is none.

    ``prometheus_url`` None: the one of ``prometheus_uid`` is there already. ``docs_url`` is where people read docs/.
    """

    mysql: MySql | None = None
    prometheus_url: str | None = None
    prometheus_uid: str | None = None
    contact: Contact | None = None
    has_policy: bool = False
    matchers: tuple[Matcher, ...] = ()
    has_dashboards: bool = True
    has_alerts: bool = True
    tenant: str = "default"
    slack_url: str | None = None
    docs_url: str | None = None
    overwrite: bool = False

    @property
    def has_rules(self) -> bool:
        """Without a Prometheus there is nothing that they could ask."""
        return self.has_alerts and self.prometheus_uid is not None

    @property
    def secrets(self) -> tuple[str, ...]:
        of_contact = () if self.contact is None else tuple(one.secret for one in self.contact.credentials)
        return (*of_contact, *((self.mysql.password or "",) if self.mysql is not None else ()))
