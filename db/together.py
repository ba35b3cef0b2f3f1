"""Several pieces of work that ask the database side by side, whose questions travel together.

A piece of work is a coroutine. It runs until it asks; once each has asked or ended, all questions go to the server in
one round trip, in the order of the pieces, and each goes on with its answer. No task is made for any of them, which
would cost more than it saves.
"""

from collections.abc import Awaitable, Callable, Coroutine, Generator, Sequence
from dataclasses import dataclass, field
from types import coroutine
from typing import Any

from db.by_hand import outcome
from db.direct import Said, Statement

Work = Coroutine[Any, Any, Any]


@dataclass(slots=True)
class _Piece:
    """``answer`` is what it goes on with, and ``asked`` what it asked for last: None once it has ended."""

    work: Work
    answer: Said | None = None
    asked: Statement | None = None
    result: Any = field(default=None)


@coroutine
def ask(statement: Statement) -> Generator[Any, Any, Said]:
    """Inside of a piece of work, when it is its turn: the answer, which comes with those of the others."""
    said: Said = yield statement
    return said


async def one_by_one(work: Sequence[Work]) -> tuple[Any, ...]:
    """The same where nothing is gained by asking side by side."""
    try:
        return tuple([await one for one in work])
    finally:
        for one in work:
            one.close()


async def take_turns(
    work: Sequence[Work],
    say_all: Callable[[Sequence[Statement]], Awaitable[Sequence[Said]]],
    let: Callable[[bool], None],
) -> tuple[Any, ...]:
    """What each returns. ``let`` says whether it is a piece's turn, so that what it asks is to go through ``ask``.

    An error of one ends all.
    """
    pieces = [_Piece(one) for one in work]
    going = pieces
    try:
        while going:
            for piece in going:
                await _go_on(piece, let)
            going = [piece for piece in going if piece.asked is not None]
            answers = await say_all([piece.asked for piece in going if piece.asked is not None]) if going else []
            for piece, answer in zip(going, answers, strict=True):
                piece.answer = answer
    finally:
        for piece in pieces:
            piece.work.close()
    return tuple(piece.result for piece in pieces)


async def _go_on(piece: _Piece, let: Callable[[bool], None]) -> None:
    """Until it asks or ends. What else it waits for, such as SQLAlchemy's own statements, is waited for here."""
    step: Callable[[Any], Any] = piece.work.send
    given: Any = piece.answer
    piece.asked = None
    while True:
        let(True)
        try:
            told = step(given)
        except StopIteration as ended:
            piece.result = ended.value
            return
        finally:
            let(False)
        if isinstance(told, Statement):
            piece.asked = told
            return
        step, given = await outcome(piece.work, told)
