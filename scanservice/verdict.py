"""The verdict: what goes back to the main system and the review queue (contract, 3)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

VerdictKind = Literal["pass", "review", "retake", "return"]
Severity = Literal["return", "retake", "review", "note"]
Agreement = Literal["agree", "differ", "unsure", "blank", "not_evaluated"]
Presence = Literal["present", "absent", "unsure"]
Confidence = Annotated[float, Field(ge=0, le=1)]
WirePoint = tuple[float, float]
WireQuad = tuple[WirePoint, WirePoint, WirePoint, WirePoint]

SEVERITY_ORDER: tuple[Severity, ...] = ("return", "retake", "review", "note")


class Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TemplateName(Wire):
    id: str
    version: str


class ResidualMm(Wire):
    """What the program believes of its own registration: distances in mm of the form."""

    median: float
    p95: float
    max: float


class Alignment(Wire):
    residual_mm: ResidualMm
    model: Literal["homography", "piecewise"]


class Quality(Wire):
    """Attributes:
    dpi: dots of the upload to an inch of the form.
    sharpness: 0 (nothing can be read) to 1 (as sharp as the resolution allows).
    glare: share of the page's area that glare has burnt out, 0 to 1.
    cut_off: ids of regions that lie outside the picture in part.
    """

    dpi: float
    sharpness: float
    glare: float
    cut_off: tuple[str, ...]


class PageResult(Wire):
    """A page of the upload; `template_page`, `alignment` and `quality` are null where no form was found."""

    scan: int
    page: int
    template_page: str | None
    width: int
    height: int
    rotation: Literal[0, 90, 180, 270] | None
    alignment: Alignment | None
    quality: Quality | None


class SerialResult(Wire):
    read: str | None
    expected: str | None
    agreement: Agreement
    confidence: Confidence


class RegionResult(Wire):
    """A region of the form as found; `page` counts the entries of `pages`, from 0."""

    id: str
    kind: str
    page: int
    quad: WireQuad
    presence: Presence | None = None
    agreement: Agreement | None = None
    read: str | None = None
    expected: str | None = None
    confidence: Confidence | None = None
    why: str | None = None


class FindingResult(Wire):
    code: str
    severity: Severity
    region: str | None
    page: int | None
    quad: WireQuad | None
    params: dict[str, Any]
    message: str
    advice: str
    clause: str


class Versions(Wire):
    scanservice: str
    rules: str
    recogniser: str


class Timings(Wire):
    decode: float
    align: float
    measure: float
    read: float
    total: float


class Verdict(Wire):
    format: Literal[1] = 1
    verdict: VerdictKind
    final: bool = False
    case: str
    template: TemplateName | None
    pages: tuple[PageResult, ...]
    serial: SerialResult
    regions: tuple[RegionResult, ...]
    findings: tuple[FindingResult, ...]
    input_sha256: tuple[str, ...]
    versions: Versions
    timings_ms: Timings
