"""Health: whether this process answers, for the supervisor and for whoever watches it."""

from starlette.requests import Request
from starlette.responses import JSONResponse


async def health(_request: Request) -> JSONResponse:
    """`{"status": "ok"}` as soon as the process serves pages; it says nothing about the data."""
    return JSONResponse({"status": "ok"}, headers={"cache-control": "no-store"})
