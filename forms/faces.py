"""The typefaces of the forms: Debian's CJK fonts, measured and cut down to the characters in use."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont

FONT_ROOTS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
PACKAGES = "apt-get install fonts-noto-cjk fonts-arphic-uming"


@dataclass(frozen=True, slots=True)
class Face:
    """One face of a font collection: its file, and its full name inside the file."""

    file: str
    name: str

    @property
    def postscript(self) -> str:
        """Its name inside a PDF."""
        return self.name.replace(" ", "")


SONG = Face("NotoSerifCJK-Regular.ttc", "Noto Serif CJK SC")
SONG_BOLD = Face("NotoSerifCJK-Bold.ttc", "Noto Serif CJK SC Bold")
HEI = Face("NotoSansCJK-Regular.ttc", "Noto Sans CJK SC")
HEI_BOLD = Face("NotoSansCJK-Bold.ttc", "Noto Sans CJK SC Bold")
MING = Face("uming.ttc", "AR PL UMing CN")


@lru_cache(maxsize=16)
def find(face: Face) -> tuple[Path, int]:
    """The file of a face and its number in the collection.

    Raises:
        FileNotFoundError: with the line that installs the fonts.
    """
    for root in FONT_ROOTS:
        for path in sorted(root.rglob(face.file)):
            with TTCollection(str(path), lazy=True) as collection:
                for number, font in enumerate(collection.fonts):
                    if font["name"].getDebugName(4).startswith(face.name) and _exact(font, face):
                        return path, number
    raise FileNotFoundError(f"no font {face.name} ({face.file}); install it with: {PACKAGES}")


def _exact(font: TTFont, face: Face) -> bool:
    full = font["name"].getDebugName(4)
    return full in (face.name, f"{face.name} Regular", f"{face.name} Light", f"{face.name} Book")


@lru_cache(maxsize=16)
def _open(face: Face) -> TTFont:
    path, number = find(face)
    return TTFont(str(path), fontNumber=number, lazy=True)


@lru_cache(maxsize=16)
def _metrics(face: Face) -> tuple[dict[int, str], dict[str, tuple[int, int]], int]:
    font: Any = _open(face)
    return font.getBestCmap(), font["hmtx"].metrics, font["head"].unitsPerEm


@lru_cache(maxsize=4096)
def advance(face: Face, character: str) -> float:
    """Width of a character in ems.

    Raises:
        KeyError: the face lacks the character.
    """
    cmap, metrics, em = _metrics(face)
    return metrics[cmap[ord(character)]][0] / em


def cut(face: Face, characters: frozenset[str]) -> bytes:
    """The face as a TrueType font of only these characters; the same characters give the same bytes.

    The outlines are rebuilt rather than subset: PDF writers address CID-keyed CFF fonts, as Noto CJK
    is one, by glyph number and so show the wrong glyphs of a subset.
    """
    source = _open(face)
    cmap, metrics, em = _metrics(face)
    outlines = source.getGlyphSet()
    glyphs, widths, characters_by_code = {".notdef": TTGlyphPen(None).glyph()}, {".notdef": (em, 0)}, {}
    for code in sorted(ord(character) for character in characters):
        name = f"u{code:04X}"
        pen = TTGlyphPen(None)
        quadratic = Cu2QuPen(pen, max_err=em / 2000, reverse_direction="CFF " in source)
        # Letters of some faces are made of other glyphs, which are not cut along.
        whole = DecomposingRecordingPen(outlines)
        outlines[cmap[code]].draw(whole)
        whole.replay(quadratic)
        glyphs[name], widths[name], characters_by_code[code] = pen.glyph(), metrics[cmap[code]], name
    builder = FontBuilder(em, isTTF=True)
    builder.setupGlyphOrder(list(glyphs))
    builder.setupCharacterMap(characters_by_code)
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(widths)
    builder.setupHorizontalHeader(ascent=round(0.88 * em), descent=-round(0.12 * em))
    builder.setupNameTable({"familyName": face.name, "styleName": "Regular", "psName": face.postscript})
    builder.setupOS2()
    builder.setupPost()
    head: Any = builder.font["head"]
    head.created = head.modified = 0
    builder.font.recalcTimestamp = False
    buffer = io.BytesIO()
    builder.save(buffer)
    return buffer.getvalue()
