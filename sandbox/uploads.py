"""Where the bytes of a file go, and where the page gets them from."""

from aiohttp import web
from aiohttp.multipart import BodyPartReader

from sandbox.sandbox import SANDBOX


async def receive(request: web.Request) -> web.Response:
    """Raw, or one part of a form. All that was announced and no more, once; else 400, and nothing is kept."""
    upload = request.app[SANDBOX].workspace.uploads.at(request.match_info["key"])
    if upload is None or upload.content is not None:
        raise web.HTTPNotFound(text="no such upload, or it was used before")
    content = await _content(request)
    if len(content) != upload.length:
        raise web.HTTPBadRequest(text=f"{upload.length} bytes were announced, {len(content)} came")
    upload.content = content
    return web.Response(text=f"OK - {upload.length}")


async def _content(request: web.Request) -> bytes:
    if not request.content_type.startswith("multipart/"):
        return await request.read()
    part = await (await request.multipart()).next()
    return bytes(await part.read()) if isinstance(part, BodyPartReader) else b""


async def show(request: web.Request) -> web.Response:
    """For the page alone. In Slack it takes a token."""
    upload = request.app[SANDBOX].workspace.uploads.get(request.match_info["file_id"])
    if upload is None or upload.content is None:
        raise web.HTTPNotFound(text="no such file")
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}
    return web.Response(body=upload.content, content_type=upload.mimetype, headers=headers)
