"""The forms that the service knows, for labels, boxes and blanks on pages."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path

from scanservice.errors import InputError
from scanservice.findings import Language, terms
from scanservice.locations import default_templates
from scanservice.service.services import Services
from scanservice.template import Region, Template, load_templates
from scanservice.web.pages.wording import page_words

Stamps = tuple[tuple[str, int], ...]


def known_forms(services: Services) -> tuple[Template, ...]:
    """Every template package, read again when one changes; none where the folder holds none."""
    folder = services.settings.templates or default_templates()
    stamps = tuple(
        (path.parent.name, path.stat().st_mtime_ns) for path in sorted(folder.glob("*/template.yaml"))
    )
    return _load(folder, stamps)


@lru_cache(maxsize=4)
def _load(folder: Path, _stamps: Stamps) -> tuple[Template, ...]:
    try:
        return load_templates(folder)
    except InputError:
        return ()  # `doctor` and the workers say what is wrong; pages go without labels


def form_of(services: Services, form_id: str, version: str) -> Template | None:
    """The package that a verdict names, if it is still as it was then: boxes of another would mislead."""
    known = known_forms(services)
    return next((form for form in known if form.id == form_id and form.version == version), None)


def asked_form(services: Services, today: dt.date) -> Template | None:
    """The accepted form of the season that a day lies in, else the first that is accepted."""
    accepted = [form for form in known_forms(services) if form.accepts]
    return next((form for form in accepted if _in_season(form, today)), accepted[0] if accepted else None)


def _in_season(form: Template, today: dt.date) -> bool:
    season = form.season
    return (season.from_ is None or season.from_ <= today) and (season.until is None or today <= season.until)


def region_label(region: Region | None, region_id: str, kind: str, language: Language) -> str:
    """The form's own label where it has one, else whose and what; its id where the form is not known."""
    t = page_words(language)
    if region is None:
        return region_id
    if region.label:
        return region.label
    owner = f"{t(f'owner.{region.owner}')} " if region.owner else ""
    return f"{owner}{t(f'kind.{kind}')}"


def page_label(name: str | None, number: int, language: Language) -> str:
    """What people call a page: by the form's name for it where it was found to be one."""
    t = page_words(language)
    return t("label.page", number=number) if name is None else terms(language).get(name, name)
