"""The second, independent reader: Tesseract, asked where it can change the answer.

Its library is called by its C interface (tesseract/capi.h), within the process: a program started for
each line takes 80 milliseconds, nearly all of them to start and to load its model, and reading the line 8.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import threading
import weakref
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import cv2
import numpy as np

from scanservice.geometry import Image

HEIGHT = 44
"""Pixels to which a line is brought; Tesseract's models were trained near 36 pixels a line, and its
reading of printed digits was best at 40 to 48 here."""
LIBRARIES = ("libtesseract.so.5", "libtesseract.so.4")
"""Versions whose interface is the one described below; the newest that is installed is taken."""
LSTM_ONLY, SINGLE_LINE = 1, 7
"""`OEM_LSTM_ONLY` and `PSM_SINGLE_LINE` of Tesseract's interface."""
Model = Literal["eng", "chi_sim"]


@dataclass(frozen=True, slots=True)
class SecondReading:
    """What Tesseract read: `text` without spaces; `failed` names why there is none."""

    text: str
    failed: str | None = None


class SecondReader:
    """One loaded model of Tesseract; a line at a time, whichever thread asks.

    Raises:
        OSError: the library or the model is not installed.
    """

    def __init__(self, model: Model) -> None:
        self._library = _library()
        self._handle = ctypes.c_void_p(self._library.TessBaseAPICreate())
        weakref.finalize(self, self._library.TessBaseAPIDelete, self._handle)
        if self._library.TessBaseAPIInit2(self._handle, None, model.encode(), LSTM_ONLY):
            raise OSError(f"tesseract's model {model} is not installed")
        self._library.TessBaseAPISetPageSegMode(self._handle, SINGLE_LINE)
        self._set("tessedit_do_invert", "0")
        self._turn = threading.Lock()

    def text(self, line: Image, characters: str) -> str:
        """A line's text as it is read.

        Args:
            line: H x W, uint8, dark on white.
            characters: the only ones that may stand there; empty for any.
        """
        pixels = np.ascontiguousarray(line)
        height, width = pixels.shape
        with self._turn:
            self._set("tessedit_char_whitelist", characters)
            self._library.TessBaseAPISetImage(
                self._handle, pixels.ctypes.data, width, height, 1, pixels.strides[0]
            )
            found = self._library.TessBaseAPIGetUTF8Text(self._handle)
            self._library.TessBaseAPIClear(self._handle)
        if not found:
            raise RuntimeError("tesseract gave no text")
        try:
            return ctypes.string_at(found).decode("utf-8", "replace")
        finally:
            self._library.TessDeleteText(found)

    def _set(self, name: str, value: str) -> None:
        self._library.TessBaseAPISetVariable(self._handle, name.encode(), value.encode())


def second_reading(line: Image, *, digits: bool, characters: str = "", height: int = HEIGHT) -> SecondReading:
    """One line read by Tesseract.

    Args:
        line: H x W x 3, uint8, BGR.
        digits: the line is a printed number: read with the English model.
        characters: the only ones that may stand there; empty for any.
        height: pixels to which the line is brought.
    """
    try:
        text = _reader("eng" if digits else "chi_sim").text(_prepared(line, height), characters)
    except (RuntimeError, OSError) as error:
        return SecondReading("", type(error).__name__)
    return SecondReading("".join(text.split()))


@cache
def _reader(model: Model) -> SecondReader:
    """The process's reader with a model; loading takes some 60 ms of processor time."""
    return SecondReader(model)


@cache
def _library() -> Any:
    """Tesseract's library, with the signatures that are used here."""
    library = _loaded()
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    for name, result, arguments in (
        ("Create", pointer, ()),
        ("Delete", None, (pointer,)),
        ("Init2", number, (pointer, text, text, number)),
        ("SetVariable", number, (pointer, text, text)),
        ("SetPageSegMode", None, (pointer, number)),
        ("SetImage", None, (pointer, pointer, number, number, number, number)),
        ("GetUTF8Text", pointer, (pointer,)),
        ("Clear", None, (pointer,)),
    ):
        function = getattr(library, f"TessBaseAPI{name}")
        function.restype, function.argtypes = result, arguments
    library.TessDeleteText.restype, library.TessDeleteText.argtypes = None, (pointer,)
    return library


def _loaded() -> ctypes.CDLL:
    for name in (*LIBRARIES, ctypes.util.find_library("tesseract")):
        try:
            if name is not None:
                return ctypes.CDLL(name)
        except OSError:
            continue  # another version may be there
    raise OSError("tesseract is not installed: apt-get install tesseract-ocr tesseract-ocr-chi-sim")


def _prepared(line: Image, height: int) -> Image:
    """Grey, brought to a height, with a white margin all around."""
    grey = cv2.cvtColor(line, cv2.COLOR_BGR2GRAY)
    scale = height / max(grey.shape[0], 1)
    size = (max(8, round(grey.shape[1] * scale)), height)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    sized = cv2.resize(grey, size, interpolation=method)
    dark, paper = np.percentile(sized, (1, 85))
    level = np.clip((sized - dark) / max(paper - dark, 1.0), 0, 1) * 255
    framed = cv2.copyMakeBorder(
        level.astype(np.uint8), 16, 16, 20, 20, borderType=cv2.BORDER_CONSTANT, value=(255,)
    )
    return np.asarray(framed, dtype=np.uint8)
