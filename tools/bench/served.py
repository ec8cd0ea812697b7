"""The real server, with two bounds beside the real pages: a bare hello, and each page's template from constants.

Run as a program: `python -m tools.bench.served PORT PATH...`; the paths are the pages whose templates are served bare
below /bench/0, /bench/1, ...
"""

import sys
from dataclasses import replace
from typing import Any

from flask import Flask, Response, g, render_template, template_rendered

from civic import server
from civic.app import create_app
from civic.kernel.silence import Silence
from civic.web.doors import public
from config import Config, from_environ

PATHS = sys.argv[2:]


def with_bounds(config: Config) -> Flask:
    """Build the app, remember what each page gave its template, and serve that again without asking anyone."""
    app = create_app(config)

    @public(silence=Silence.STAYS)
    def hello() -> Response:
        return Response("ciao")

    app.add_url_rule("/bench/hello", "hello", hello)
    for number, path in enumerate(PATHS):
        name, context, chrome = _remember(create_app(config), path)
        app.add_url_rule(f"/bench/{number}", f"bare_{number}", _bare(name, context, chrome))
    return app


def _remember(app: Flask, path: str) -> tuple[str, dict[str, Any], Any]:
    seen: list[tuple[str, dict[str, Any], Any]] = []

    def keep(_app: Flask, template: Any, context: dict[str, Any], **_more: Any) -> None:
        seen.append((template.name, context, g.chrome))

    with template_rendered.connected_to(keep, app):
        response = app.test_client().get(path)
    if response.status_code != 200 or not seen:
        raise SystemExit(f"bench: {path} answered {response.status_code}")
    name, context, chrome = seen[0]
    return name, {k: v for k, v in context.items() if k not in ("request", "session", "g", "config")}, chrome


def _bare(name: str, context: dict[str, Any], chrome: Any) -> Any:
    @public(silence=Silence.STAYS)
    def bare() -> str:
        g.chrome = chrome
        return render_template(name, **context)

    return bare


def main() -> None:
    """Serve until SIGTERM."""
    config = replace(from_environ(), port=int(sys.argv[1]))
    server.create_app = with_bounds  # type: ignore[assignment]  # the same server, another app
    server.serve(config, server.listen(config), idp=None, on_ready=lambda: print("ready", flush=True))


if __name__ == "__main__":
    main()
