"""What has changed since a reviewer opened a case: one sentence each, with old and new where known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanservice.findings import Language
from scanservice.report.draw import region_state
from scanservice.service import scans, verdicts
from scanservice.service.services import Services
from scanservice.verdict import RegionResult, Verdict
from scanservice.web.pages.case_page import person
from scanservice.web.pages.known_forms import form_of, region_label
from scanservice.web.pages.queue_page import title
from scanservice.web.pages.wording import Words, page_words

MOST_FIELDS = 12
"""Fields that are told one by one; a reviewer who missed more reads the case again."""


def missed(
    services: Services, scan: str, seen: int, changed: Mapping[str, Any], language: Language
) -> tuple[str, ...]:
    """Args:
    seen: the version that the reviewer saw; changed: as a refused decision tells it.
    """
    t = page_words(language)
    lines = []
    if "verdict" in changed:
        old, new = (t(f"verdict.{changed['verdict'][key]}") for key in ("from", "to"))
        lines.append(t("changed.verdict", old=old, new=new))
    fields = list(_fields(services, scan, seen, t))
    lines += fields[:MOST_FIELDS]
    if len(fields) > MOST_FIELDS:
        lines.append(t("changed.more", count=len(fields) - MOST_FIELDS))
    for key in ("added", "removed"):
        found = changed.get("findings", {}).get(key, ())
        lines += [t(f"changed.{key}", finding=title(one["code"], language)) for one in found]
    lines += [
        t(f"changed.decided_{made['decision']}", by=person(made["decided_by"]))
        for made in changed.get("decisions", ())
    ]
    lines += [t(f"changed.{key}") for key in ("superseded", "being_judged") if changed.get(key)]
    return tuple(lines) or (t("changed.facts"),)


def _fields(services: Services, scan: str, seen: int, t: Words) -> Iterator[str]:
    """Of each field, what is now expected there instead, else what is now said of it."""
    with services.db.read() as tx:
        row = scans.get_scan(tx, scan)
        stored = verdicts.seen_at(tx, scan, seen), verdicts.load(tx, scan, row.verdict_version)
    if stored[0] is None or stored[1] is None:
        return
    before, after = (
        Verdict.model_validate(verdicts.with_words(verdicts.document_of(one), t.language, final=False))
        for one in stored
        if one is not None
    )
    form = form_of(services, after.template.id, after.template.version) if after.template else None
    known = {region.id: region for _, region in form.regions()} if form else {}
    then = {region.id: region for region in before.regions}
    for now in after.regions:
        old = then.get(now.id)
        if old is not None:
            label = region_label(known.get(now.id), now.id, now.kind, t.language)
            yield from _difference(label, old, now, t)


def _difference(label: str, old: RegionResult, new: RegionResult, t: Words) -> Iterator[str]:
    if old.expected != new.expected:
        nothing = t("changed.nothing")
        yield t("changed.entry", field=label, old=old.expected or nothing, new=new.expected or nothing)
    elif region_state(old) != region_state(new):
        states = (t(f"state.{region_state(one)}") for one in (old, new))
        yield t("changed.state", field=label, old=next(states), new=next(states))
