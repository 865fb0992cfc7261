"""Short questions about a scene."""

from __future__ import annotations

from scanservice.findings import Finding
from scanservice.verify import decide, evaluate
from tests.verify.builders import Scene


def found(scene: Scene) -> tuple[Finding, ...]:
    return evaluate(scene.facts())


def codes(scene: Scene) -> list[str]:
    """Codes of all findings, in their order."""
    return [finding.code for finding in found(scene)]


def only(scene: Scene) -> Finding:
    """The one finding of a scene; fails where there are none or more."""
    (finding,) = found(scene)
    return finding


def unknown(scene: Scene) -> list[str]:
    """The facts that are missing."""
    return [f.params["check"] for f in found(scene) if f.code == "check-not-evaluated"]


def verdict(scene: Scene) -> str:
    facts = scene.facts()
    return decide(evaluate(facts), facts)
