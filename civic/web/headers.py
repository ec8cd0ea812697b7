"""Security headers on every response."""

from flask import Flask, Response, request

from civic.web.town import town, who

# Bootstrap Italia's CSS carries `data:` images and one font; nothing comes from another host.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    )
)


def install(app: Flask) -> None:
    """Set the headers after each request."""
    app.after_request(_protect)


def _protect(response: Response) -> Response:
    headers = {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if town().config.https:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "web.static_file":
        personal = who().signed_in or "Set-Cookie" in response.headers or request.method != "GET"
        response.headers.setdefault("Cache-Control", "no-store" if personal else "no-cache")
        if not personal and response.status_code == 200:
            response.add_etag()
            response.make_conditional(request)  # a reader who has this very page is told so in a few bytes
    return response
