"""The contact point: where Grafana sends alerts, and how it proves itself."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bongsu.client.errors import NotDone
from bongsu.grafana.client import Grafana
from bongsu.grafana.difference import difference
from bongsu.grafana.labels import PARTS, PATH, query_of
from bongsu.grafana.step import Outcome, Step
from bongsu.grafana.version import Version
from bongsu.grafana.wanted import CONTACT_NAME, CONTACT_UID, Contact, Credential
from bongsu.why.plain import line
from receiver.auth import Way

Json = dict[str, Any]

_PATH = "/api/v1/provisioning/contact-points"
_OF_CREDENTIALS = ("username", "password", "authorization_scheme", "authorization_credentials", "hmacConfig")
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_NOT_COMPARED = "whether its secret is right can't be seen in Grafana: it is written again"


def contact_point(contact: Contact, credential: Credential, *, secret: str | None = None) -> Json:
    """As Grafana's API takes it; ``secret`` stands in for the real one."""
    settings = {"url": contact.url, "httpMethod": "POST", **credential.settings(secret)}
    return {
        "uid": CONTACT_UID,
        "name": CONTACT_NAME,
        "type": "webhook",
        "settings": settings,
        "disableResolveMessage": False,
    }


def usable(contact: Contact, version: Version) -> Credential:
    """The best that this Grafana knows. Raises NotDone."""
    for credential in contact.credentials:
        if credential.way is not Way.HMAC or version.signs:
            return credential
    raise NotDone(
        f"Grafana {version.text} can't sign what it sends (12 and newer can): set BONGSU_WEBHOOK_TOKEN or "
        "BONGSU_WEBHOOK_BASIC as well, here and where Bongsu runs"
    )


def find(grafana: Grafana) -> Json | None:
    """The one that setup made, or one of the same name that people made by hand. None: there is none.

    Raises NotDone: Grafana has no alerting.
    """
    told = grafana.read(_PATH)
    if not isinstance(told, list):
        raise NotDone("Grafana has no contact points: is its alerting switched off (unified_alerting)?")
    there = [one for one in told if isinstance(one, dict)]
    by_uid = [one for one in there if one.get("uid") == CONTACT_UID]
    by_name = [one for one in there if one.get("name") == CONTACT_NAME and one.get("type") == "webhook"]
    return next(iter([*by_uid, *by_name]), None)


def look(grafana: Grafana, contact: Contact, version: Version) -> Step:
    credential = usable(contact, version)
    note = _second_best(contact, credential, version) or _out_of_reach(grafana, contact)
    wanted, found = contact_point(contact, credential), find(grafana)
    if found is None:
        return Step(Outcome.CREATE, note, difference(None, wanted), lambda: _create(grafana, wanted))
    merged = _merged(found, wanted)
    diff = difference(_compared(found), _compared(merged))
    note = "; ".join(one for one in (note, _what_stays(merged, wanted)) if one)
    if found.get("provenance"):
        why = f"it is managed elsewhere (provenance: {found['provenance']}), and would be changed back from there"
        return Step(Outcome.KEPT if diff else Outcome.SAME, why if diff else "", diff)
    if diff:
        return Step(Outcome.CHANGE, note, diff, lambda: _update(grafana, merged))
    return Step(Outcome.SECRET, _NOT_COMPARED, write=lambda: _update(grafana, merged))


def _create(grafana: Grafana, wanted: Json) -> str:
    grafana.post(_PATH, wanted)
    return ""


def _update(grafana: Grafana, merged: Json) -> str:
    grafana.put(f"{_PATH}/{merged['uid']}", merged)
    return ""


def _merged(found: Json, wanted: Json) -> Json:
    """Its name and what else people set stay; of the ways to prove itself there is one."""
    there = (found.get("settings") or {}).items()
    kept = {name: value for name, value in there if name.partition(".")[0] not in _OF_CREDENTIALS}
    rest = {"uid": found["uid"], "name": found["name"], "disableResolveMessage": False}
    settings = {**kept, **wanted["settings"], "url": _with_labels(wanted["settings"]["url"], kept.get("url"))}
    return {**wanted, **rest, "settings": settings}


def _with_labels(url: str, there: object) -> str:
    """With the default labels of the address that is there, where none are given: without them, keys would change.

    Of an address that is no Bongsu's, only what Bongsu knows: the rest may be another's secret.
    """
    address, _, query = str(there).partition("?")
    if "?" in url or not query:
        return url
    if not address.endswith(PATH):
        query = query_of([one for one in parse_qsl(query) if one[0] in PARTS])[1:]
    return f"{url}?{query}" if query else url


def _what_stays(merged: Json, wanted: Json) -> str:
    """Of default labels that were not given."""
    query = str(merged["settings"]["url"]).partition("?")[2]
    return f"its default labels stay: {line(query, 200)}" if query and "?" not in wanted["settings"]["url"] else ""


def _compared(told: Json) -> Json:
    """Grafana writes secrets of older ones as ``hmacConfig.secret``, of newer ones below ``hmacConfig``."""
    settings: Json = {}
    for name, value in (told.get("settings") or {}).items():
        head, _, rest = name.partition(".")
        inner = {rest: value} if rest else value
        both = isinstance(inner, dict) and isinstance(settings.get(head, {}), dict)
        settings[head] = {**settings.get(head, {}), **inner} if both else inner
    shown = {name: value for name, value in settings.items() if value not in ("", None, {})}
    hides_ends = bool(told.get("disableResolveMessage"))
    return {"type": told.get("type"), "settings": shown, "disableResolveMessage": hides_ends}


def _out_of_reach(grafana: Grafana, contact: Contact) -> str:
    host, own = urlsplit(contact.url).hostname, urlsplit(grafana.url).hostname
    if host in _LOOPBACK and own not in _LOOPBACK:
        return f"{host} is, for Grafana, its own machine: is Bongsu there? If not, write --bongsu-url"
    return ""


def _second_best(contact: Contact, credential: Credential, version: Version) -> str:
    if credential is contact.credentials[0]:
        return ""
    return f"Grafana {version.text} can't sign what it sends (12 and newer can), so it gets the other credential"
