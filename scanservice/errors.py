"""What a caller gave that cannot be used: one error type, with the input's name and a remedy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong at one place, such as `pages[1].regions[4].box`; an empty path is the whole."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


REMEDIES = {
    "case-invalid": "correct the named keys; the contract lists what a case holds",
    "template-invalid": "correct the named keys and run `scanservice template lint`",
    "file-missing": "check the path",
    "file-unreadable": "check the file's permissions",
    "file-empty": "upload the file again; nothing arrived",
    "file-truncated": "upload the file again; its end is missing",
    "file-encrypted": "save the PDF without a password",
    "file-unsupported": "use PDF, JPEG, PNG, TIFF, WebP, BMP or HEIC",
    "file-damaged": "make the scan again or save it in another format",
    "file-too-large": "reduce the file's size",
    "picture-too-large": "scan at a lower resolution; 300 dpi is plenty",
    "picture-too-small": "photograph the page from nearer, or scan at 200 dpi",
    "no-pages": "export the document again; it holds no page",
    "too-many-pages": "send the pages of the agreement alone",
    "too-many-files": "send at most the stated number of files",
    "decode-limit": "save the file in a simpler form, such as JPEG, and send it again",
    "manifest-invalid": "correct the named line of the manifest",
    "package-exists": "name another folder, or delete the old description first",
    "service-not-started": "see the service's log; choose another port with --port",
    "settings-invalid": "correct the named environment variables; docs/configure.md lists them",
    "folder-unwritable": "choose a folder that can be written",
    "file-unwritable": "choose a place that can be written",
}


class InputError(Exception):
    """Input that cannot be read: the code names the defect, `source` the input, `problems` the places.

    Messages never hold a value from the input: it may be personal data.
    """

    def __init__(self, code: str, source: str, problems: Sequence[Problem] = ()) -> None:
        self.code = code
        self.source = source
        self.problems = tuple(problems)
        super().__init__(self.line())

    @property
    def remedy(self) -> str:
        return REMEDIES[self.code]

    def line(self) -> str:
        """One line: what, why, and what to do."""
        why = "; ".join(str(problem) for problem in self.problems)
        return f"{self.source}: {self.code}{f': {why}' if why else ''} ({self.remedy})"
