"""Why a file is refused, as a number and a few measures: what can safely cross from the decoding process.

The decoding process may be under an attacker's control, so it never sends text: it names one of
`REASONS`, a page and up to three measures, and the text is put together on the trusted side.
"""

from __future__ import annotations

from scanservice.errors import InputError, Problem

REASONS: dict[str, tuple[str, str]] = {
    # reason: the error's code, and what is said; {0}, {1}, {2} are the measures
    "empty": ("file-empty", "0 bytes"),
    "no-end": ("file-truncated", "the data stops before its end mark"),
    "data-missing": ("file-truncated", "part of the picture's data is missing"),
    "beyond-end": ("file-truncated", "it refers to data beyond its end"),
    "password": ("file-encrypted", "it opens with a password only"),
    "unknown-type": ("file-unsupported", "its first bytes are not those of a known format"),
    "text": ("file-unsupported", "it is a text file, whatever its name says"),
    "office": ("file-unsupported", "it is an archive or an Office document, not a scan"),
    "svg": ("file-unsupported", "it is a web page or a drawing in XML, not a scan"),
    "other-picture": ("file-unsupported", "it is a picture in a format that is not accepted"),
    "video": ("file-unsupported", "it is a film, not a picture"),
    "animated": ("file-unsupported", "it is an animation of {0} pictures; send one picture a page"),
    "variant": ("file-unsupported", "this variant of the format is not supported"),
    "structure": ("file-damaged", "its structure is broken"),
    "cycle": ("file-damaged", "its pages refer to one another in a circle"),
    "pixels": ("file-damaged", "the picture's data cannot be decoded"),
    "crash": ("file-damaged", "the decoder gave up on it"),
    "side": ("picture-too-large", "{0} x {1} pixels; at most {2} along an edge"),
    "area": ("picture-too-large", "{0} x {1} pixels; at most {2} million in all"),
    "small": ("picture-too-small", "{0} x {1} pixels; at least {2} along an edge"),
    "no-pages": ("no-pages", "no page was found in it"),
    "pages": ("too-many-pages", "{0} pages; at most {1} in an upload"),
    "objects": ("decode-limit", "{0} objects; at most {1} in a PDF"),
    "embedded": ("decode-limit", "{0} attached files; at most {1} in a PDF"),
    "memory": ("decode-limit", "decoding it takes more than {0} MB of memory"),
    "time": ("decode-limit", "decoding it takes more than {0} seconds"),
}
_NAMES = tuple(REASONS)
MEASURES = 3


class Refusal(Exception):  # noqa: N818 - it is handed on as a value, too
    """A file of the upload that cannot be used.

    Attributes:
        reason: a key of `REASONS`.
        measures: the numbers its text shows, in order.
        file: index in the upload; None until whoever counts the files has set it.
        page: index in the file, from 0; None where it is the file as a whole.
    """

    def __init__(
        self, reason: str, measures: tuple[int, ...] = (), file: int | None = None, page: int | None = None
    ) -> None:
        super().__init__(reason, measures)
        self.reason = reason
        self.measures = measures
        self.file = file
        self.page = page

    def at(self, file: int | None, page: int | None = None) -> Refusal:
        """The same refusal, with its place; a place that is already known stays."""
        return Refusal(
            self.reason,
            self.measures,
            file if self.file is None else self.file,
            page if self.page is None else self.page,
        )

    @property
    def number(self) -> int:
        return _NAMES.index(self.reason)

    @staticmethod
    def reason_of(number: int) -> str:
        return _NAMES[number]

    def error(self, label: str) -> InputError:
        """The error for the one who sent the file, under the name by which they know it."""
        code, text = REASONS[self.reason]
        padded = (*self.measures, *(0,) * MEASURES)[:MEASURES]
        path = "" if self.page is None else f"page {self.page + 1}"
        return InputError(code, label, [Problem(path, text.format(*padded))])
