"""``make messages``: what is said in the code goes into ``bot/locale``, and from there back, translated.

``bongsu.pot`` holds every message, ``ko.po`` what a translator makes of it, ``bongsu.mo`` the same as gettext reads it.
They are committed, so nobody who runs Bongsu needs Babel. They hold neither dates nor line numbers: whatever changes in
them is a message.
"""

import ast
import sys
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from bot.language import DEFAULT, DOMAIN, LANGUAGES, LOCALE_FOLDER

ROOT = Path(__file__).parent.parent
ROOMS = ("bot", "incidents")
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "t": None,
    "tn": (1, 2),
    "mark": None,
    "InvalidInput": (2,),
    "Changed": None,
}
"""The last two are the domain's, which can't import ``bot.language``."""
Call = tuple[int, str, tuple[str | None, ...], list[str]]
"""As Babel wants it: the line, the function, its arguments (None: no plain text), and comments."""
Said = tuple[str, int, str | tuple[str, ...], list[str], str | None]
"""As Babel tells it: file, line, message, comments, context."""
TEMPLATE = LOCALE_FOLDER / f"{DOMAIN}.pot"
_WIDTH = 110
_NO_DATE = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_WRITTEN = ("POT-Creation-Date", "PO-Revision-Date", "Last-Translator", "Language-Team", "Generated-By")


def extracted() -> Catalog:
    """Every message of the code, in the order of files."""
    catalog = Catalog(project="Bongsu", fuzzy=False, header_comment="# What Bongsu says to people.")
    for room in ROOMS:
        for name, _, message, _, context in sorted(said_in(room), key=lambda one: one[:2]):
            catalog.add(message, None, [(f"{room}/{name}", 1)], context=context)
    return catalog


def said_in(room: str) -> Iterator[Said]:
    return extract_from_dir(ROOT / room, [("**.py", calls)], keywords=KEYWORDS)


def calls(file: IO[bytes], keywords: Collection[str], _tags: object, *, options: object) -> Iterator[Call]:
    """How Babel is to read Python. Its own way goes by tokens, and before Python 3.12 an f-string is one, whatever is
    said inside. The tree is the same in all versions."""
    del options
    yield from _calls(ast.parse(file.read()), keywords, line=0)


def _calls(node: ast.AST, keywords: Collection[str], *, line: int) -> Iterator[Call]:
    """``line``: of the f-string around it, inside of which versions count differently; 0 where there is none."""
    if isinstance(node, ast.Call) and (name := _last_name(node.func)) in keywords:
        yield line or node.lineno, name, tuple(_constant(one) for one in node.args), []
    for one in ast.iter_child_nodes(node):
        yield from _calls(one, keywords, line=line or (node.lineno if isinstance(node, ast.JoinedStr) else 0))


def _last_name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _constant(argument: ast.expr) -> str | None:
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else None


def po_of(language: str) -> Path:
    return LOCALE_FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def translated(language: str) -> Catalog:
    """As it is committed."""
    with po_of(language).open("rb") as file:
        return read_po(file, locale=language)


def updated(language: str) -> Catalog:
    """The translations that are known, for the messages of today: what is new is empty, what is gone is dropped."""
    catalog = translated(language) if po_of(language).exists() else Catalog(locale=language, project="Bongsu")
    catalog.fuzzy = False
    catalog.update(extracted(), no_fuzzy_matching=True)
    catalog.header_comment = (
        f"# What Bongsu says to people, in {catalog.locale.english_name if catalog.locale else ''}."
    )
    return catalog


def as_po(catalog: Catalog) -> bytes:
    written = BytesIO()
    write_po(written, catalog, width=_WIDTH, ignore_obsolete=True, include_lineno=False)
    return b"".join(line for line in written.getvalue().splitlines(keepends=True) if not _is_left_out(line))


def _is_left_out(line: bytes) -> bool:
    return any(line.startswith(f'"{name}:'.encode()) for name in _NOT_WRITTEN)


def as_mo(catalog: Catalog) -> bytes:
    """The same bytes whenever it is made."""
    written = BytesIO()
    catalog.creation_date = _NO_DATE
    write_mo(written, catalog)
    return written.getvalue()


def translations() -> Iterator[str]:
    """The languages that have a catalogue."""
    return (language for language in LANGUAGES if language != DEFAULT)


def main() -> None:
    LOCALE_FOLDER.mkdir(exist_ok=True)
    TEMPLATE.write_bytes(as_po(extracted()))
    for language in translations():
        path, catalog = po_of(language), updated(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(as_po(catalog))
        path.with_suffix(".mo").write_bytes(as_mo(translated(language)))
        missing = sum(1 for message in catalog if message.id and not _is_whole(message.string))
        sys.stdout.write(f"{language}: {len(catalog):,} messages, {missing:,} of them not translated yet\n")


def _is_whole(string: str | tuple[str, ...]) -> bool:
    return all(string) if isinstance(string, tuple | list) else bool(string)


if __name__ == "__main__":
    main()
