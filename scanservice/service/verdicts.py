"""Verdicts as they are kept: without words, in versions, next to what only reviewers may see."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, select

from scanservice.findings import Language, render
from scanservice.service.database import Record, Tx, canonical
from scanservice.service.tables import verdict_findings, verdicts
from scanservice.verdict import Verdict

WORDS = ("message", "advice")


def without_words(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as it is kept: words come from the catalogue when it is read."""
    findings = [
        {key: value for key, value in finding.items() if key not in WORDS} for finding in document["findings"]
    ]
    return {**document, "final": False, "findings": findings}


def with_words(document: Mapping[str, Any], language: Language, *, final: bool = False) -> dict[str, Any]:
    """The verdict (contract, 3) in a language."""
    findings = []
    for finding in document["findings"]:
        words = render(finding["code"], finding["params"], language)
        findings.append({**finding, "message": words.message, "advice": words.advice})
    verdict = Verdict.model_validate({**document, "final": final, "findings": findings})
    return verdict.model_dump(mode="json")


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two documents say the same; how long it took says nothing."""
    return canonical({**one, "timings_ms": None}) == canonical({**other, "timings_ms": None})


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """What a person wants to know of the difference; empty where verdict, findings and regions agree."""
    found: dict[str, Any] = {}
    if old["verdict"] != new["verdict"]:
        found["verdict"] = {"from": old["verdict"], "to": new["verdict"]}
    before, after = ({_name(finding) for finding in document["findings"]} for document in (old, new))
    if before != after:
        found["findings"] = {
            "added": [_named(name) for name in sorted(after - before)],
            "removed": [_named(name) for name in sorted(before - after)],
        }
    said = {region["id"]: _saying(region) for region in old["regions"]}
    regions = [
        {"region": region["id"], "from": said.get(region["id"]), "to": _saying(region)}
        for region in new["regions"]
        if _saying(region) != said.get(region["id"])
    ]
    if regions:
        found["regions"] = regions
    return found


def _name(finding: Mapping[str, Any]) -> tuple[str, str, str]:
    return finding["code"], finding["severity"], finding["region"] or ""


def _named(name: tuple[str, str, str]) -> dict[str, Any]:
    return {"code": name[0], "severity": name[1], "region": name[2] or None}


def _saying(region: Mapping[str, Any]) -> str | None:
    return region.get("agreement") or region.get("presence")


def record(
    tx: Tx,
    *,
    scan_id: str,
    version: int,
    revision: int,
    cause: str,
    facts_version: int,
    document: Mapping[str, Any],
    internal: Sequence[Mapping[str, Any]],
) -> None:
    """Adds a version; the findings' index follows the newest."""
    template = document["template"]
    tx.run(
        insert(verdicts).values(
            scan_id=scan_id, version=version, revision=revision, kind=document["verdict"], cause=cause,
            facts_version=facts_version, template_version=template["version"] if template else None,
            rules_version=document["versions"]["rules"], document=canonical(document),
            internal=canonical(list(internal)), created_at=tx.now,
        )
    )  # fmt: skip
    tx.run(delete(verdict_findings).where(verdict_findings.c.scan_id == scan_id))
    rows = [
        {
            "scan_id": scan_id,
            "position": i,
            "code": f["code"],
            "severity": f["severity"],
            "region": f["region"],
        }
        for i, f in enumerate(document["findings"])
    ]
    if rows:
        tx.run(insert(verdict_findings), rows)


def load(tx: Tx, scan_id: str, version: int) -> Record | None:
    return tx.one(select(verdicts).where(verdicts.c.scan_id == scan_id, verdicts.c.version == version))


def document_of(row: Record) -> dict[str, Any]:
    return json.loads(row.document)


def seen_at(tx: Tx, scan_id: str, revision: int) -> Record | None:
    """The verdict that stood when a scan had this revision."""
    return tx.one(
        select(verdicts)
        .where(verdicts.c.scan_id == scan_id, verdicts.c.revision <= revision)
        .order_by(verdicts.c.version.desc())
        .limit(1)
    )


def all_of(tx: Tx, scan_id: str) -> list[Record]:
    """Every version, oldest first."""
    return tx.all(select(verdicts).where(verdicts.c.scan_id == scan_id).order_by(verdicts.c.version))
