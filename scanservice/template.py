"""The template package: how a school describes its form (contract, 1)."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import pymupdf
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from scanservice.case import VALUE_PATHS, pydantic_problems
from scanservice.errors import InputError, Problem
from scanservice.geometry import MM_PER_INCH, Box

RegionKind = Literal["print", "serial", "text", "seal", "signature", "free"]
Owner = Literal["student", "employer", "authority", "college", "school"]
Comparator = Literal[
    "name",
    "id_number",
    "credit_code",
    "organisation",
    "address",
    "phone",
    "postcode",
    "date",
    "choice",
    "text",
]
Ink = Literal["red", "black", "blue"]

YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The parser in C reads a description in a tenth of the time; PyYAML may be built without it."""
POINTS_PER_MM = 72 / MM_PER_INCH
SLACK_MM = 0.01


def _box(value: Any) -> Any:
    if isinstance(value, Box):
        return value
    if not isinstance(value, (list, tuple)) or len(value) != 4:
        raise ValueError("must be four numbers in mm: [left, top, right, bottom]")
    if not all(isinstance(number, (int, float)) and not isinstance(number, bool) for number in value):
        raise ValueError("must be four numbers in mm: [left, top, right, bottom]")
    box = Box(*(float(number) for number in value))
    if not (box.left < box.right and box.top < box.bottom):
        raise ValueError("is empty: left must be less than right, and top less than bottom")
    return box


BoxField = Annotated[Box, BeforeValidator(_box)]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Region(Part):
    """A place on a page, and what should stand there."""

    id: str = Field(min_length=1, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    kind: RegionKind
    box: BoxField
    label: str | None = None
    required: bool = False
    text: str | None = None
    pattern: str | None = None
    ink: Ink | None = None
    value: str | None = None
    compare: Comparator | None = None
    choices: dict[str, str] | None = None
    cells: tuple[BoxField, ...] | None = None
    owner: Owner | None = None

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            try:
                compiled = re.compile(pattern)
            except re.error as error:
                raise ValueError(f"does not compile: {error}") from None
            if "serial" not in compiled.groupindex:
                raise ValueError("needs a group named serial: (?P<serial>...)")
        return pattern

    @field_validator("value")
    @classmethod
    def _known_value(cls, value: str | None) -> str | None:
        if value is not None and value not in VALUE_PATHS:
            raise ValueError(f"no such path into the case; known are {', '.join(sorted(VALUE_PATHS))}")
        return value

    @field_validator("choices", mode="before")
    @classmethod
    def _text_keys(cls, value: Any) -> Any:
        # YAML reads an unquoted 31 as a number; the entry holds it as text.
        return {str(k): str(v) for k, v in value.items()} if isinstance(value, dict) else value


class Page(Part):
    page: int = Field(ge=1)
    name: str = Field(min_length=1)
    required: bool = True
    regions: tuple[Region, ...] = ()


class Season(Part):
    """The dates and the home province that the rules of one year turn on."""

    from_: dt.date | None = Field(default=None, alias="from")
    until: dt.date | None = None
    terminations_before: dt.date | None = None
    home_region: str | None = Field(default=None, pattern=r"^\d{2,6}$")

    @field_validator("home_region", mode="before")
    @classmethod
    def _text(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int) else value


class Description(Part):
    """The content of template.yaml."""

    format: Literal[1]
    id: str = Field(min_length=1, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    title: str
    issuer: str | None = None
    accepts: bool = True
    refusal: str | None = None
    blank: str = "blank.pdf"
    season: Season = Season()
    pages: tuple[Page, ...]

    @field_validator("pages")
    @classmethod
    def _some(cls, pages: tuple[Page, ...]) -> tuple[Page, ...]:
        # Not `min_length`: pages that are wrong themselves would count as missing too.
        if not pages:
            raise ValueError("a form has at least one page")
        return pages


@dataclass(frozen=True)
class Template:
    """A checked package: its description, and where its blank form lies.

    Attributes:
        version: SHA-256 over template.yaml and the blank, in hexadecimal.
        page_sizes: width and height in mm of each described page, in the order of `pages`.
    """

    description: Description
    folder: Path
    version: str
    page_sizes: tuple[tuple[float, float], ...]

    @property
    def id(self) -> str:
        return self.description.id

    @property
    def accepts(self) -> bool:
        return self.description.accepts

    @property
    def season(self) -> Season:
        return self.description.season

    @property
    def pages(self) -> tuple[Page, ...]:
        return self.description.pages

    @property
    def blank(self) -> Path:
        return self.folder / self.description.blank

    def page(self, name: str) -> Page:
        return next(page for page in self.pages if page.name == name)

    def page_size(self, name: str) -> tuple[float, float]:
        index = next(i for i, page in enumerate(self.pages) if page.name == name)
        return self.page_sizes[index]

    def regions(self) -> Iterator[tuple[Page, Region]]:
        """Every region with its page, in the order of the description."""
        for page in self.pages:
            for region in page.regions:
                yield page, region

    def region(self, region_id: str) -> Region:
        return next(region for _, region in self.regions() if region.id == region_id)


def load_template(folder: Path) -> Template:
    """The template package in `folder`.

    Raises:
        InputError: `template-invalid` with every problem at once, each with its path;
            `file-missing` where template.yaml is not there.
    """
    source = folder / "template.yaml"
    try:
        data = source.read_bytes()
    except FileNotFoundError:
        raise InputError("file-missing", str(source), [Problem("", "no template.yaml there")]) from None
    except OSError as error:
        raise InputError("file-unreadable", str(source), [Problem("", error.strerror or "")]) from None
    try:
        content = yaml.load(data, Loader=YAML_LOADER)  # noqa: S506 - both build plain values only
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise InputError("template-invalid", str(source), [Problem(where, "is not YAML")]) from None
    if not isinstance(content, dict):
        raise InputError("template-invalid", str(source), [Problem("", "must be a mapping")])
    description, problems = _describe(content)
    sizes, blank_digest, blank_problems = _blank(folder, content)
    problems += blank_problems
    problems += _need_problems(content)
    problems += _box_problems(content, sizes)
    problems += _duplicate_problems(content)
    if problems or description is None:
        raise InputError("template-invalid", str(source), problems)
    version = hashlib.sha256(hashlib.sha256(data).digest() + blank_digest).hexdigest()
    page_sizes = tuple(sizes[page.page - 1] for page in description.pages)
    return Template(description, folder, version, page_sizes)


def load_templates(folder: Path) -> tuple[Template, ...]:
    """Every package in the folders of `folder`, in the order of their ids.

    Raises:
        InputError: as `load_template`, or `file-missing` where there is no package at all.
    """
    folders = sorted(path.parent for path in folder.glob("*/template.yaml")) if folder.is_dir() else []
    if not folders:
        raise InputError("file-missing", str(folder), [Problem("", "no folder there holds a template.yaml")])
    templates = sorted((load_template(path) for path in folders), key=lambda template: template.id)
    for first, second in itertools.pairwise(templates):
        if first.id == second.id:
            problem = Problem("id", f"is also the id of {first.folder.name}")
            raise InputError("template-invalid", str(second.folder / "template.yaml"), [problem])
    return tuple(templates)


def _describe(content: dict[str, Any]) -> tuple[Description | None, list[Problem]]:
    try:
        description = Description.model_validate(content)
    except ValidationError as error:
        return None, pydantic_problems(error)
    if description.refusal is not None and description.accepts:
        return description, [Problem("refusal", "only a form with `accepts: false` is refused")]
    return description, []


def _need_problems(content: dict[str, Any]) -> list[Problem]:
    """What the kinds of the regions ask for; regions that are wrong themselves are not asked."""
    problems = []
    for path, _, raw in _raw_regions(content):
        try:
            region = Region.model_validate(raw)
        except ValidationError:
            continue
        problems += [Problem(f"{path}.{key}", message) for key, message in _needs(region)]
    return problems


def _needs(region: Region) -> Iterator[tuple[str, str]]:
    """What a region's kind asks for beyond its types."""
    if region.kind == "serial" and region.pattern is None:
        yield "pattern", "a serial region needs the pattern of its number"
    if region.kind in ("seal", "signature") and region.owner is None:
        yield "owner", f"a {region.kind} region needs its owner"
    if region.value is not None and region.kind == "text" and region.compare is None:
        yield "compare", "a region with a value needs its comparator"
    if region.compare == "choice" and not region.choices:
        yield "choices", "the comparator choice needs the list of choices"


def _blank(folder: Path, content: dict[str, Any]) -> tuple[list[tuple[float, float]], bytes, list[Problem]]:
    """Sizes in mm of the blank's pages and the SHA-256 of its bytes."""
    name = content.get("blank", "blank.pdf")
    if not isinstance(name, str) or Path(name).name != name:
        return [], b"", [Problem("blank", "must be the name of a file in the package's own folder")]
    try:
        data = (folder / name).read_bytes()
        with pymupdf.open(stream=data, filetype="pdf") as document:
            sizes = [(page.rect.width / POINTS_PER_MM, page.rect.height / POINTS_PER_MM) for page in document]
    except OSError:
        return [], b"", [Problem("blank", f"cannot read {name} in the package's folder")]
    except (RuntimeError, ValueError):
        return [], b"", [Problem("blank", f"{name} is not a PDF that can be read")]
    return sizes, hashlib.sha256(data).digest(), []


def _raw_regions(content: dict[str, Any]) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Path, page and mapping of every region, valid or not."""
    pages = content.get("pages")
    for p, page in enumerate(pages if isinstance(pages, list) else []):
        regions = page.get("regions") if isinstance(page, dict) else None
        for r, region in enumerate(regions if isinstance(regions, list) else []):
            if isinstance(region, dict):
                yield f"pages[{p}].regions[{r}]", page, region


def _box_problems(content: dict[str, Any], sizes: list[tuple[float, float]]) -> list[Problem]:
    problems = []
    pages = content.get("pages")
    for p, page in enumerate(pages if isinstance(pages, list) else []):
        number = page.get("page") if isinstance(page, dict) else None
        if sizes and isinstance(number, int) and number > len(sizes):
            problems.append(Problem(f"pages[{p}].page", f"the blank has {len(sizes)} pages"))
    for path, page, region in _raw_regions(content):
        number = page.get("page")
        if not (isinstance(number, int) and 1 <= number <= len(sizes)):
            continue
        width, height = sizes[number - 1]
        cells = region.get("cells")
        boxes = [(f"{path}.box", region.get("box"))]
        boxes += [
            (f"{path}.cells[{i}]", cell) for i, cell in enumerate(cells if isinstance(cells, list) else [])
        ]
        for where, value in boxes:
            try:
                box = _box(value)
            except ValueError:
                continue
            if not (
                box.left >= -SLACK_MM
                and box.top >= -SLACK_MM
                and box.right <= width + SLACK_MM
                and box.bottom <= height + SLACK_MM
            ):
                problems.append(Problem(where, f"lies off its page of {width:.1f} x {height:.1f} mm"))
    return problems


def _duplicate_problems(content: dict[str, Any]) -> list[Problem]:
    problems = []
    seen: dict[str, str] = {}
    for path, _, region in _raw_regions(content):
        name = region.get("id")
        if isinstance(name, str):
            if name in seen:
                problems.append(Problem(f"{path}.id", f"{name} is also the id of {seen[name]}"))
            seen.setdefault(name, path)
    names: dict[str, int] = {}
    pages = content.get("pages")
    for p, page in enumerate(pages if isinstance(pages, list) else []):
        name = page.get("name") if isinstance(page, dict) else None
        if isinstance(name, str):
            if name in names:
                problems.append(
                    Problem(f"pages[{p}].name", f"{name} is also the name of pages[{names[name]}]")
                )
            names.setdefault(name, p)
    return problems
