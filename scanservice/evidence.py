"""What was seen on the paper: the frozen results that pass from one stage of a check to the next.

Everything in `Evidence` can be stored and judged again under other facts without the picture:
it holds measurements and the recognisers' probabilities, never pixels. Scores are 0 to 1 unless an
attribute says otherwise; lengths are millimetres of the form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from scanservice.arrays import Bytes, HalfArray, IntArray
from scanservice.geometry import Box, Image, PageMap, Quad

# ---------------------------------------------------------------- intake: bytes to pages


@dataclass(frozen=True, eq=False)
class ScanPage:
    """One page of the upload, turned by its EXIF tag.

    Attributes:
        scan: index of the file in the upload, from 0.
        page: index of the page in its file, from 0.
        image: H x W x 3, uint8, BGR; possibly reduced (see `scale`).
        width, height: of the full page in pixels; quads are in these.
        scale: pixels of `image` to a pixel of the full page, at most 1.
        dpi: as the file claims; None where it does not, or not believably.
    """

    scan: int
    page: int
    image: Image
    width: int
    height: int
    scale: float = 1.0
    dpi: float | None = None


@dataclass(frozen=True, eq=False)
class Scan:
    """A whole upload: its pages in the order given, and the SHA-256 (hexadecimal) of each file."""

    pages: tuple[ScanPage, ...]
    input_sha256: tuple[str, ...]


# ---------------------------------------------------------------- detect: pixels to evidence


@dataclass(frozen=True, slots=True)
class Residual:
    """What is left between print and blank after registration, in mm, as measured by the program."""

    median: float
    p95: float
    max: float


@dataclass(frozen=True, slots=True)
class PrintMatch:
    """How well one `print` region, or one block of the blank's print, stands in the picture.

    Attributes:
        region: id of the region, or None for a block that no region names.
        score: 0 (another print, or none) to 1 (as in the blank).
        judged: False where glare, ink, a seal or blur keeps it from being told.
    """

    region: str | None
    box: Box
    score: float
    judged: bool


Standing = Literal["accepted", "refused", "foreign", "unsure"]


@dataclass(frozen=True, eq=False)
class PageFit:
    """A template page found in a page of the upload.

    Attributes:
        scan_page: index into `Scan.pages`.
        template, page: id of the template and name of its page.
        turn: degrees clockwise by which the upload must be turned to stand upright.
        residual: over the whole page.
        residual_at: the residual (mm) at each region, by id: what the registration may be off there.
        standing: `accepted`: positively this form; `refused`: positively a known decoy; `foreign`:
            its layout is near, its print is not this form's; `unsure`: cannot be told.
        prints: the evidence for it.
    """

    scan_page: int
    template: str
    page: str
    map: PageMap
    turn: Literal[0, 90, 180, 270]
    residual: Residual
    residual_at: Mapping[str, float]
    standing: Standing
    prints: tuple[PrintMatch, ...] = ()


Relation = Literal["form", "extra", "duplicate", "blank", "mirrored", "unknown"]


@dataclass(frozen=True, eq=False)
class Layout:
    """Which form this upload shows.

    Attributes:
        template: id of the template, accepted or decoy; None where no known form was found.
        standing: of the upload as a whole: the worst of its form pages.
        fits: the best fit of each template page found, in the template's order.
        relations: what each page of the upload is to the form: a `form` page, an `extra` one (text
            that is not the form: a hiring notice), a poorer `duplicate`, `blank`, a `mirrored` picture of a
            known form (told only where no other page is one), or `unknown`.
        missing: names of required pages that were not found.
        screen: 0 to 1: how much the upload looks like a photographed screen (moire); None: not told.
        rivals: how much better the form fits than the next known one, 0 (not at all) to 1.
    """

    template: str | None
    standing: Standing
    fits: tuple[PageFit, ...]
    relations: tuple[Relation, ...]
    missing: tuple[str, ...]
    screen: float | None = None
    rivals: float = 0.0


Trouble = Literal["blur", "low_contrast", "glare", "shadow", "cut_off", "covered", "low_resolution"]


@dataclass(frozen=True, slots=True)
class RegionQuality:
    """Whether a region can be judged in this picture.

    Attributes:
        dots_per_mm: of the upload.
        sharpness: 0 to 1, relative to what the resolution allows.
        contrast: 0 to 1, between paper and print.
        glare, cut_off, covered: share of the area that is burnt out, outside the picture, hidden.
        troubles: what keeps it from being judged, worst first; empty where it can be.
    """

    dots_per_mm: float
    sharpness: float
    contrast: float
    glare: float
    cut_off: float
    covered: float
    troubles: tuple[Trouble, ...] = ()


@dataclass(frozen=True, slots=True)
class InkMeasure:
    """Ink by hand (or by printer) in a region, after the form's print and seals are taken away.

    Attributes:
        area_mm2: inked area; `extent` its bounding box on the page, None where there is no ink.
        blank: probability that nothing was written here.
        altered: probability, by the ink and the paper alone, that something is struck out, overpainted or
            overwritten.
        alteration: the box of the suspected correction.
        handwritten: probability that it was written by hand rather than printed; None: not told.
        painted: probability that it is painted over; None: not told apart from the pen's corrections.
    """

    area_mm2: float
    extent: Box | None
    blank: float
    altered: float = 0.0
    alteration: Box | None = None
    handwritten: float | None = None
    painted: float | None = None


@dataclass(frozen=True, eq=False)
class LineInk:
    """The ink along one line of writing, beside which corrections by the pen are judged.

    Attributes:
        width: of the line, in heights of the page's usual writing; 0 where nothing is written.
        parts: 4 x N, float16, over N equal parts of the line from left to right: its ink (1: a stroke of
            the page's usual width and darkness, as long as its writing is high); the network's log odds of
            a correction; the length of its strokes, in such heights; and the sum, over that length, of
            their width against the page's usual.
        pressed: log odds of a correction by the weight of the ink; longest: length of the longest level
            stroke through it, in heights of the line.
    """

    width: float
    parts: HalfArray
    pressed: float
    longest: float


@dataclass(frozen=True, slots=True)
class SealMark:
    """One seal imprint.

    Attributes:
        presence: probability that there is one in the region.
        ink: its colour; a `grey` one is a copy.
        center: mm on the page; diameter in mm; None where there is no seal.
        overlapping: another imprint runs into this one.
        imprint: perceptual hash of its pixels, for one imprint pasted into several scans.
        hidden: from where to where of the unrolled ring, in shares of its length, print or writing hides
            some of its text.
    """

    presence: float
    ink: Literal["red", "blue", "grey"] | None = None
    shape: Literal["round", "oval", "square", "other"] | None = None
    center: tuple[float, float] | None = None
    diameter: float | None = None
    overlapping: bool = False
    imprint: Bytes | None = None
    hidden: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class SignatureMark:
    """presence: probability that a hand signed here (not a stray line, print, or a seal's edge)."""

    presence: float
    extent: Box | None = None


@dataclass(frozen=True, slots=True)
class SerialMark:
    """The printed number's place and looks, judged against the template.

    Attributes:
        altered: probability that it was pasted, overpainted, written by hand or shifted.
        signs: why, as codes: `shifted`, `ink`, `handwritten`, `pasted`, `overpainted`, `face`.
        offset: mm by which it lies off its place.
        ink: measured colour, None where there is none.
        blank: probability that nothing is printed there.
    """

    altered: float
    signs: tuple[str, ...]
    offset: tuple[float, float] | None
    ink: Literal["red", "black", "blue", "other"] | None
    blank: float


@dataclass(frozen=True, eq=False)
class LineCrop:
    """One line of ink, rectified, for the recognisers; passed on, never stored.

    Attributes:
        image: H x W x 3, uint8, BGR, dark ink on a light ground; print and seals taken away.
        plain: the same place with nothing taken away.
        box: where it lies on the page, mm.
        dots_per_mm: of the crop.
    """

    image: Image
    plain: Image
    box: Box
    dots_per_mm: float


@dataclass(frozen=True, eq=False)
class RegionCrops:
    """The crops of a region: its lines top to bottom, or, where it has cells, one line a cell."""

    region: str
    lines: tuple[LineCrop, ...]
    cells: bool = False


@dataclass(frozen=True, eq=False)
class RegionEvidence:
    """All that was measured in one region; `ink`, `seal`, `signature`, `serial` by its kind.

    Attributes:
        lines: of a text region, in the order of its crops; empty in evidence of older versions.
    """

    region: str
    scan_page: int
    quad: Quad
    residual: float
    quality: RegionQuality
    ink: InkMeasure | None = None
    seal: SealMark | None = None
    signature: SignatureMark | None = None
    serial: SerialMark | None = None
    lines: tuple[LineInk, ...] = ()


# ---------------------------------------------------------------- verify: crops to readings


@dataclass(frozen=True, eq=False)
class Posterior:
    """A recogniser's probabilities over one crop, sparse.

    Attributes:
        symbols: T x K, int32, indices into the recogniser's character list (0 is the CTC blank).
        log_probs: T x K, float16, natural logarithms, descending along K.
        source: which reader and preparation made it, such as `ppocr-v6/ink`.
    """

    symbols: IntArray
    log_probs: HalfArray
    source: str


@dataclass(frozen=True, eq=False)
class LineReading:
    """What the readers saw in one line.

    Attributes:
        posteriors: one for each reader and preparation.
        free: the best free reading; free_confidence: the reader's own, 0 to 1.
        second: the second, independent reader's text; None where it was not asked.
    """

    posteriors: tuple[Posterior, ...]
    free: str
    free_confidence: float
    second: str | None = None


@dataclass(frozen=True, eq=False)
class RegionReading:
    """What was read in a region.

    Attributes:
        cells: the lines are cells.
        alone: what a character of a set word has of the probability that it must have by itself; None where
            none is asked.
    """

    region: str
    lines: tuple[LineReading, ...]
    cells: bool = False
    alone: float | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A stage that could not do its work: a value with a reason; what it should have found is unsure.

    Attributes:
        stage: such as `marks.seal`; region: where, if anywhere in particular.
        reason: a code or the exception's type, never a text from the input.
    """

    stage: str
    reason: str
    region: str | None = None


@dataclass(frozen=True, eq=False)
class Evidence:
    """All that one upload shows; enough to judge it under any case."""

    page_sizes: tuple[tuple[int, int, int, int], ...]
    """scan, page, width and height of each page of the upload."""
    layout: Layout
    regions: Mapping[str, RegionEvidence]
    readings: Mapping[str, RegionReading]
    fingerprint: Bytes | None = None
    """Of the filled-in ink in template coordinates; compared by `scanservice.verify.reuse`."""
    failures: tuple[Failure, ...] = ()
    extras: Mapping[str, Any] = field(default_factory=dict)
    input_sha256: tuple[str, ...] = ()
    recogniser: str = ""
    """Names and versions of the models that read it."""


# ---------------------------------------------------------------- verify: readings to judgements


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a region says what it should.

    Attributes:
        agreement: `agree` only on positive evidence; a correct line should never be `differ`.
        expected: the text that should stand there, as shown to people; None where not known.
        read: the best free reading, for the reviewer.
        confidence: calibrated probability that `agreement` is right (0 to 1).
        why: a code for the reason, such as `exact`, `province-prefix`, `roster-replaced-character`.
        leans: `unsure`, but the ink rather shows another text: named as a difference, for a person to see.
        corrected: probability that the pen struck something out or wrote over it, by the ink and by how it
            fits the expected text; None where that was not weighed.
    """

    region: str
    agreement: Literal["agree", "differ", "unsure", "blank", "not_evaluated"]
    expected: str | None
    read: str | None
    confidence: float
    why: str
    leans: bool = False
    corrected: float | None = None
