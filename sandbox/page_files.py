"""The page: the files in `sandbox/page`, and no others."""

from pathlib import Path

from aiohttp import web

PAGE = Path(__file__).with_name("page")

# The page shows what alerts and people wrote: nothing but its own script may run.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: http: https:; style-src 'self' 'unsafe-inline';"
        " frame-ancestors 'self'; base-uri 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


async def index(request: web.Request) -> web.StreamResponse:
    """Relative addresses need the slash at the end, which a mounted application may be asked without."""
    if not request.path.endswith("/"):
        raise web.HTTPFound(f"{request.path}/")
    return _file("index.html")


async def file(request: web.Request) -> web.StreamResponse:
    return _file(request.match_info["name"])


def _file(name: str) -> web.StreamResponse:
    """Looked up among the names that exist, so that no path leads elsewhere."""
    files = {path.name: path for path in PAGE.glob("*") if path.is_file()}
    if name not in files:
        raise web.HTTPNotFound(text=f"no {name} in the sandbox's page")
    return web.FileResponse(files[name], headers=HEADERS)
