"""The section ``webhooks`` of ``bongsu.yaml``: where pages go out of Slack."""

import hashlib
import importlib.util
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator
from yarl import URL

from bongsu.config_mistakes import nearest
from bongsu.config_parts import Part
from bongsu.config_text import KEY, Way
from incidents.escalation.model import Template, Webhook
from jobs.outgoing.addresses import refuse_url
from jobs.outgoing.errors import Refused
from jobs.outgoing.templates import opsgenie, pagerduty, twilio

MOST_WEBHOOKS = 50

Problem = tuple[Way, str]

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://.+", re.IGNORECASE)
_EXAMPLE = "https://example.com/hook"
_SECRETS = ("url", "key", "secret")
"""What may stand in the file, in a variable of the environment or in a file of its own."""
_MEANT_FOR = {
    "key": (Template.PAGERDUTY, Template.OPSGENIE, Template.TWILIO),
    "to": (Template.TWILIO,),
    "from": (Template.TWILIO,),
    "secret": (Template.GENERIC, Template.PAGERDUTY, Template.OPSGENIE, Template.TWILIO),
    "allow_private": (Template.GENERIC, Template.PAGERDUTY, Template.OPSGENIE, Template.TWILIO),
}
_KEYS = {
    Template.PAGERDUTY: "the routing key of its Events API v2 integration",
    Template.OPSGENIE: "the API key of its API integration",
    Template.TWILIO: 'the account\'s SID and token, "AC…:…"',
}
_URLS = {Template.PAGERDUTY: pagerduty.URL, Template.OPSGENIE: opsgenie.URL}


def _named(told: object) -> str:
    if not isinstance(told, str) or not _NAME.fullmatch(told):
        raise ValueError(f"'{told}' can't be a name here: write lower-case letters, digits, - and _, such as pager")
    return told


def _template(told: object) -> Template:
    names = [one.value for one in Template]
    if not isinstance(told, str) or told not in names:
        raise ValueError(f"there is no template '{told}': {nearest(str(told), names)}")
    return Template(told)


def _variable(told: object) -> str:
    if not isinstance(told, str) or not _VARIABLE.fullmatch(told):
        raise ValueError(f"'{told}' is no name of a variable: write one such as PAGER_KEY, without $")
    return told


def _path(told: object) -> Path:
    if not isinstance(told, str) or not Path(told).is_absolute():
        raise ValueError(f"'{told}' depends on where Bongsu is started: write the whole path, such as /run/secrets/key")
    return Path(told)


def _number(told: object) -> str:
    """YAML reads +4915112345678 as a number by itself."""
    if not isinstance(told, str) or not told.strip():
        raise ValueError(f"'{told}' is no text: write the number in quotes, such as \"+4915112345678\"")
    return told.strip()


def _something(told: str) -> str:
    if not told.strip():
        raise ValueError("it is empty: write what it is, or leave it out")
    return told.strip()


Name = Annotated[str, PlainValidator(_named)]
_Text = Annotated[str | None, AfterValidator(lambda told: told if told is None else _something(told))]
_Variable = Annotated[str | None, BeforeValidator(_variable)]
_File = Annotated[Path | None, BeforeValidator(_path)]
_Number = Annotated[str | None, BeforeValidator(_number)]


class WebhookPart(Part):
    """``from`` is a word of Python's, so it has another name here."""

    template: Annotated[Template, PlainValidator(_template)] = Template.GENERIC
    url: _Text = None
    url_env: _Variable = None
    url_file: _File = None
    key: _Text = None
    key_env: _Variable = None
    key_file: _File = None
    secret: _Text = None
    secret_env: _Variable = None
    secret_file: _File = None
    to: _Number = None
    sender: _Number = Field(default=None, alias="from")
    allow_private: bool = False


def read_webhooks(parts: Mapping[str, WebhookPart]) -> tuple[dict[str, Webhook], list[Problem]]:
    """Those that are right, and what is wrong with the others. What they keep secret is read here."""
    found: dict[str, Webhook] = {}
    problems: list[Problem] = []
    if len(parts) > MOST_WEBHOOKS:
        problems.append((("webhooks",), f"there are {len(parts)} webhooks: {MOST_WEBHOOKS} are the most"))
    for name, part in parts.items():
        reading = _Reading(part)
        webhook = reading.webhook(name)
        problems += [(("webhooks", name, *way), problem) for way, problem in reading.problems]
        if not reading.problems:
            found[name] = webhook
    return found, problems


def webhook_named_or_at(told: str, known: Mapping[str, Webhook]) -> Webhook:
    """What a step's ``webhook:`` means: the name of one of ``known``, or a URL, which is told in our own JSON.

    One at a URL is to be added to those that are known, by its name. Raises ValueError with the mend.
    """
    if told in known:
        return known[told]
    if not told.casefold().startswith(("http://", "https://")):
        mend = nearest(told, known) if known else "write it below 'webhooks'"
        raise ValueError(f"there is no webhook '{told}': {mend}, or write a URL such as {_EXAMPLE}")
    try:
        url = refuse_url(told, allow_private=False)
    except Refused as error:
        mend = f"{error.mend}, below 'webhooks'" if error.mend else f"write one such as {_EXAMPLE}"
        raise ValueError(f"this URL can't be called, {error.why}: {mend}") from error
    return Webhook(name_of(url), told)


def name_of(url: URL) -> str:
    """``https://example.com/…1a2b3c``: paths and queries are often secret, so a few digits stand for them."""
    digits = hashlib.sha256(str(url).encode()).hexdigest()[:6]
    return f"{url.origin()}/…{digits}"


class _Reading:
    """Reads one webhook, and gathers what is wrong with it."""

    def __init__(self, part: WebhookPart) -> None:
        self._part = part
        self.problems: list[Problem] = []

    def webhook(self, name: str) -> Webhook:
        """Not to be used where there are problems."""
        part, template = self._part, self._part.template
        self.problems += _out_of_place(part)
        key, secret = self._told("key"), self._told("secret")
        self._look_at_key(key)
        numbers = {"to": part.to, "from": part.sender}
        missing = [one for one, number in numbers.items() if number is None] if template is Template.TWILIO else []
        self.problems += [((), f"'{one}' is missing: write the number, in quotes") for one in missing]
        fields = {one: number for one, number in numbers.items() if number is not None}
        return Webhook(name, self._url(key), template, key, secret, fields, part.allow_private)

    def _told(self, name: str) -> str | None:
        """Where it stands in the file, or where the file says that it stands."""
        plain, variable, path = (getattr(self._part, one) for one in _spellings(name))
        given = [one for one, value in zip(_spellings(name), (plain, variable, path), strict=True) if value is not None]
        if len(given) > 1:
            self.problems.append(((given[1],), f"both '{given[0]}' and '{given[1]}' are there: keep one of them"))
            return None
        if variable is not None:
            return self._in_environment(f"{name}_env", variable)
        if path is not None:
            return self._in_file(f"{name}_file", path)
        return plain if isinstance(plain, str) else None

    def _in_environment(self, where: str, variable: str) -> str | None:
        told = os.environ.get(variable, "").strip()
        if not told:
            self.problems.append(((where,), f"the variable {variable} is not set: set it where Bongsu is started"))
        return told or None

    def _in_file(self, where: str, path: Path) -> str | None:
        try:
            told = path.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = (error.strerror if isinstance(error, OSError) else "") or "it is not UTF-8"
            self.problems.append(((where,), f"{path} can't be read ({why}): write a file that holds it"))
            return None
        if not told:
            self.problems.append(((where,), f"{path} is empty: write the secret into it"))
        return told or None

    def _look_at_key(self, key: str | None) -> None:
        what = _KEYS.get(self._part.template)
        if what is None:
            return
        if key is None and not any(getattr(self._part, one) for one in _spellings("key")):
            self.problems.append(((), f"'key' is missing: write {what}, or key_env or key_file, where it stands"))
        elif key is not None and self._part.template is Template.TWILIO and not all(key.partition(":")):
            self.problems.append(((_given(self._part, "key"),), f"it is not of the form SID:token: write {what}"))

    def _url(self, key: str | None) -> str:
        """Where none is written, the receiver's own."""
        template = self._part.template
        told = self._told("url")
        if told is None and any(getattr(self._part, one) for one in _spellings("url")):
            return ""
        if told is None and template is Template.TWILIO and key is not None:
            return twilio.url_of(key)
        if told is None and template in _KEYS:
            return _URLS.get(template, "")
        if told is None:
            self.problems.append(((), f"'url' is missing: write where it is, such as {_EXAMPLE}"))
            return ""
        self._look_at_url(told)
        return told

    def _look_at_url(self, told: str) -> None:
        way: Way = (_given(self._part, "url"),)
        if self._part.template is Template.APPRISE:
            if not _SCHEME.fullmatch(told):
                self.problems.append((way, "it is no URL of Apprise's: write one such as ntfy://topic"))
            return
        try:
            refuse_url(told, allow_private=self._part.allow_private)
        except Refused as error:
            mend = error.mend or f"write one such as {_EXAMPLE}"
            self.problems.append((way, f"this URL can't be called, {error.why}: {mend}"))


def _out_of_place(part: WebhookPart) -> Iterator[Problem]:
    """Keys that mean nothing for this template, and a template that needs what is not there."""
    given = {WebhookPart.model_fields[name].alias or name for name in part.model_fields_set}
    for name, templates in _MEANT_FOR.items():
        written = sorted(given & (set(_spellings(name)) if name in _SECRETS else {name}))
        if written and part.template not in templates:
            meant = " and ".join(one.value for one in templates)
            yield (
                (written[0], KEY),
                f"'{written[0]}' means nothing for the template {part.template.value}: leave it out ({meant} use it)",
            )
    if part.template is Template.APPRISE and importlib.util.find_spec("apprise") is None:
        yield ("template",), "Apprise is not installed: run `pip install 'bongsu[apprise]'`, or use another template"


def _spellings(name: str) -> tuple[str, str, str]:
    return name, f"{name}_env", f"{name}_file"


def _given(part: WebhookPart, name: str) -> str:
    """Under which of its spellings it is written."""
    return next((one for one in _spellings(name) if getattr(part, one) is not None), name)
