"""``GET /dev/token?user=alice``: a development token for the page that this machine serves, and for nobody else."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse

from fastapi_chatkit.auth.headers import is_local

router = APIRouter()


@router.get("/dev/token", include_in_schema=False)
async def development_token(request: Request, user: str) -> JSONResponse:
    """``{"user", "token"}``; 403 for callers from elsewhere, through a proxy or from another site's page."""
    if not is_local(request) or request.headers.get("sec-fetch-site") == "cross-site":
        raise HTTPException(403, "Development tokens are for pages that are served on this machine.")
    try:
        token = request.app.state.tokens.sign(user)
    except ValueError as error:
        raise HTTPException(422, f"{str(error)[:1].upper()}{str(error)[1:]}.") from None
    return JSONResponse({"user": user, "token": token}, headers={"Cache-Control": "no-store"})
