"""In which language people are spoken to: English in the code, others by gettext catalogues in ``bot/locale``.

The language belongs to whom something is rendered for: the publisher speaks the workspace's, an answer to one person
theirs. Whoever renders says so once by ``speaking``; what is rendered inside calls ``t`` and ``tn``.
"""

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

DEFAULT = "en"
LANGUAGES = (DEFAULT, "ko")
DOMAIN = "bongsu"
LOCALE_FOLDER = Path(__file__).parent / "locale"

_spoken: ContextVar[str] = ContextVar("spoken", default=DEFAULT)


def t(text: str, **values: object) -> str:
    """``text`` in the language that is spoken, its ``{named}`` gaps filled; values are put in as they are."""
    told = _catalogue(_spoken.get()).gettext(text)
    return told.format(**values) if values else told


def tn(one: str, many: str, count: int, **values: object) -> str:
    """The same by number; ``{count}`` is a gap, too, with thousands separated."""
    return _catalogue(_spoken.get()).ngettext(one, many, count).format(count=f"{count:,}", **values)


def mark(text: str) -> str:
    """Put ``text`` into the catalogues where it stands, such as in a table of words; ``t`` translates it when used."""
    return text


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Inside, ``t`` and ``tn`` speak this one of ``LANGUAGES``."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def speak(language: str) -> None:
    """From here on in this task, and in those that it starts: for Bolt, whose middleware has no inside."""
    _spoken.set(language)


def spoken() -> str:
    """The language that ``t`` speaks here."""
    return _spoken.get()


def language_of(locale: str, *, otherwise: str) -> str:
    """One of ``LANGUAGES`` for a locale as Slack tells it (``ko-KR``), ``otherwise`` where we don't speak it."""
    language = locale.partition("-")[0].casefold()
    return language if language in LANGUAGES else otherwise


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, LOCALE_FOLDER, languages=[language], fallback=True)
