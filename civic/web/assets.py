"""Static files: an address with the file's hash may be kept for a year; compressed when the browser takes it."""

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, request, send_from_directory
from werkzeug.security import safe_join

from civic.kernel.silence import Silence
from civic.web.doors import public

STATIC = Path(__file__).resolve().parents[2] / "static"
_YEAR = 31_536_000
web = Blueprint("web", __name__)


def install(app: Flask) -> None:
    """Serve `static/` and give templates `asset(path)`."""
    app.register_blueprint(web)
    app.jinja_env.globals["asset"] = asset


@lru_cache(maxsize=200)
def _hash(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """Return the address of a static file, with its hash; a missing file keeps its plain address."""
    return f"/static/{name}?v={_hash(name)}" if (STATIC / name).is_file() else f"/static/{name}"


@web.get("/static/<path:name>")
@public(silence=Silence.STAYS)
def static_file(name: str) -> Response:
    """Serve one file, its `.gz` sibling when there is one and the browser takes it."""
    path = safe_join(str(STATIC), name)
    if path is None or not Path(path).is_file():
        abort(404)
    packed = Path(f"{path}.gz").is_file() and "gzip" in request.headers.get("Accept-Encoding", "")
    response = send_from_directory(STATIC, f"{name}.gz" if packed else name, max_age=_YEAR if "v" in request.args else 3600)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Content-Type"] = _TYPES.get(Path(name).suffix, "application/octet-stream")
    response.headers["Vary"] = "Accept-Encoding"
    return response


_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
