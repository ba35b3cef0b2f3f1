"""Tells whoever watches that something has changed; many changes in a row are one."""

import asyncio
from collections.abc import AsyncGenerator


class Changes:
    def __init__(self) -> None:
        self._watchers: set[asyncio.Event] = set()
        self._closed = False

    def notify(self) -> None:
        for watcher in self._watchers:
            watcher.set()

    def close(self) -> None:
        """Ends every stream."""
        self._closed = True
        self.notify()

    async def watch(self) -> AsyncGenerator[None, None]:
        changed = asyncio.Event()
        self._watchers.add(changed)
        try:
            while not self._closed:
                await changed.wait()
                changed.clear()
                if not self._closed:
                    yield
        finally:
            self._watchers.discard(changed)
