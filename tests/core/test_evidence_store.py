import json
import zlib
from dataclasses import replace

import numpy as np
import pytest

from scanservice.evidence import (
    Evidence,
    Failure,
    InkMeasure,
    Layout,
    LineInk,
    LineReading,
    PageFit,
    Posterior,
    PrintMatch,
    RegionEvidence,
    RegionQuality,
    RegionReading,
    Residual,
    SealMark,
)
from scanservice.evidence_store import FORMAT, EvidenceFormatError, dump_evidence, load_evidence
from scanservice.geometry import Box, PageMap


def evidence() -> Evidence:
    displacement = np.linspace(-1, 1, 32, dtype=np.float32).reshape(4, 4, 2)
    page_map = PageMap((210.0, 297.0), np.diag([8.0, 8.0, 1.0]), displacement)
    prints = (PrintMatch("title", Box(0, 0, 1, 1), 0.9, True),)
    fit = PageFit(0, "form", "cover", page_map, 90, Residual(0.1, 0.2, 0.3), {"a": 0.1}, "accepted", prints)
    region = RegionEvidence(
        region="a",
        scan_page=0,
        quad=((0, 0), (1, 0), (1, 1), (0, 1)),
        residual=0.1,
        quality=RegionQuality(8, 1, 1, 0, 0, 0),
        seal=SealMark(0.9, "red", "round", (1, 2), 40.0, False, b"\x00\xff"),
    )
    posterior = Posterior(np.arange(12, dtype=np.int32).reshape(3, 4), np.ones((3, 4), np.float16), "reader")
    return Evidence(
        page_sizes=((0, 0, 10, 20),),
        layout=Layout("form", "accepted", (fit,), ("form",), ()),
        regions={"a": region},
        readings={"a": RegionReading("a", (LineReading((posterior,), "text", 0.5),))},
        fingerprint=b"\x01\x02",
        failures=(Failure("marks.seal", "ValueError"),),
    )


def test_stored_evidence_comes_back_whole():
    stored = dump_evidence(evidence())
    back = load_evidence(stored)
    assert back.regions["a"].seal == evidence().regions["a"].seal
    np.testing.assert_array_equal(
        back.layout.fits[0].map.displacement, evidence().layout.fits[0].map.displacement
    )
    posterior = back.readings["a"].lines[0].posteriors[0]
    assert posterior.log_probs.dtype == np.float16
    np.testing.assert_array_equal(posterior.symbols, np.arange(12).reshape(3, 4))
    assert dump_evidence(back) == stored


@pytest.mark.parametrize("data", [b"", b"other", FORMAT, FORMAT + b"junk", FORMAT + zlib.compress(b"{}")])
def test_other_bytes_are_refused(data):
    with pytest.raises(EvidenceFormatError):
        load_evidence(data)


def test_the_ink_of_lines_comes_back_and_older_evidence_is_without():
    ink = LineInk(3.5, np.arange(8, dtype=np.float16).reshape(4, 2), -1.5, 0.25)
    marked = replace(
        evidence().regions["a"], ink=InkMeasure(20.0, None, 0.01, 0.4, painted=0.02), lines=(ink,)
    )
    stored = dump_evidence(replace(evidence(), regions={"a": marked}))
    back = load_evidence(stored).regions["a"]
    assert (back.lines[0].width, back.lines[0].pressed, back.lines[0].longest) == (3.5, -1.5, 0.25)
    assert back.lines[0].parts.dtype == np.float16
    np.testing.assert_array_equal(back.lines[0].parts, ink.parts)
    content = json.loads(zlib.decompress(stored[len(FORMAT) :]))
    del content["regions"]["a"]["lines"], content["regions"]["a"]["ink"]["painted"]
    older = load_evidence(FORMAT + zlib.compress(json.dumps(content).encode())).regions["a"]
    assert (older.lines, older.ink.painted, older.ink.altered) == ((), None, 0.4)
