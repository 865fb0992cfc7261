"""From a view to a page: the templates, and what every page knows."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from scanservice.findings import Language
from scanservice.service import drawing
from scanservice.service.accounts import Account
from scanservice.service.times import HOUR, MINUTE
from scanservice.web.auth import services_of
from scanservice.web.pages.static_files import asset
from scanservice.web.pages.wording import page_words

A_YEAR = 365 * 24 * 3600


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("scanservice.web.pages", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"asset": asset, "picture_version": drawing.version}
    return environment


def page(
    request: Request,
    name: str,
    language: Language,
    *,
    account: Account | None = None,
    status: int = 200,
    **view: Any,
) -> HTMLResponse:
    """The page `templates/<name>.html` in a language; `view` is what it shows."""
    zone = services_of(request).settings.time_zone
    words = page_words(language)
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    html = (
        _environment()
        .get_template(f"{name}.html")
        .render(
            t=words,
            language=language,
            account=account,
            here=here if request.method == "GET" else request.url.path,
            path=request.url.path,
            when=lambda ms: moment(ms, zone),
            waited=lambda ms: waited(ms, language),
            **view,
        )
    )
    return HTMLResponse(html, status)


def moment(ms: int | None, zone: str) -> str:
    """A moment at the school, to the minute; "" for none."""
    return (
        "" if ms is None else dt.datetime.fromtimestamp(ms / 1000, ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
    )


def waited(ms: int, language: Language) -> str:
    """A span of time in its largest unit."""
    t = page_words(language)
    if ms < MINUTE:
        return t("time.seconds", n=max(0, ms) // 1000)
    if ms < 2 * HOUR:
        return t("time.minutes", n=ms // MINUTE)
    return t("time.hours", n=ms // HOUR) if ms < 48 * HOUR else t("time.days", n=ms // (24 * HOUR))
