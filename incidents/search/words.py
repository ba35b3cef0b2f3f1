"""Which words a text has, and which ones somebody looks for.

Words are runs of letters and digits, in lower case and without compatibility forms (NFKC), so ``node_cpu-5xx`` has
three. A word that is written in one from several (``KubePodCrashLooping``) is found from each of them on: it counts as
``kubepodcrashlooping``, ``podcrashlooping``, ``crashlooping`` and ``looping``. Whoever looks for something gives whole
words or their beginnings.
"""

import re
import unicodedata
from collections.abc import Iterator

LONGEST_WORD = 64
"""Characters; what is longer is cut."""
MOST_WORDS = 60
"""Of one incident, in the order in which they come; others are not kept."""
MOST_WANTED = 10

_RUN = re.compile(r"[^\W_]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=[0-9])")


def words_of(*texts: str) -> tuple[str, ...]:
    """Each once."""
    found = dict.fromkeys(word for text in texts for word in _words(text))
    return tuple(found)[:MOST_WORDS]


def wanted_words(text: str) -> tuple[str, ...]:
    """What must be found, each once, the longest first; without those that another one begins with."""
    found = {_cut(run) for run in _runs(text)}
    ordered = sorted(found, key=lambda word: (-len(word), word))
    return tuple(word for place, word in enumerate(ordered) if not any(one.startswith(word) for one in ordered[:place]))


def _words(text: str) -> Iterator[str]:
    for run in _runs(text):
        for start in (0, *(match.start() for match in _HUMP.finditer(run))):
            yield _cut(run[start:])


def _runs(text: str) -> Iterator[str]:
    return (match.group() for match in _RUN.finditer(unicodedata.normalize("NFKC", text)))


def _cut(run: str) -> str:
    return run.casefold()[:LONGEST_WORD]
