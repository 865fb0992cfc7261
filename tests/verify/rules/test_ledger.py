import datetime as dt

import pytest

from scanservice.evidence import SerialMark
from scanservice.verify import LedgerFacts, LedgerPaper
from tests.verify.builders import CASE, SERIAL, Scene, scene
from tests.verify.rules.asking import codes, found, only, unknown, verdict

OTHER = "2019100499"
MINE, THEIRS = CASE["case"], "2019-21160231099"


def paper(serial: str = SERIAL, status: str | None = "held", **more: object) -> dict[str, object]:
    return {"serial": serial, "issued_on": "2018-10-12", "status": status, "sealed_in_advance": False, **more}


def reads(serial: str, spoilt: Scene | None = None) -> Scene:
    """Both places of the scan bear another serial than the entry's."""
    spoilt = spoilt or scene()
    return spoilt.judgement("n1", "differ", read=serial).judgement("n2", "differ", read=serial)


@pytest.mark.parametrize(
    ("status", "code"), [("returned", "serial-returned"), ("void", "serial-void"), ("lost", "serial-lost")]
)
def test_a_paper_that_is_gone(status: str, code: str) -> None:
    finding = only(scene({"workflow.papers": [paper(status=status)]}))
    assert (finding.code, finding.severity, finding.params["serial"]) == (code, "return", SERIAL)


def test_a_paper_that_is_filed_ends_the_check() -> None:
    assert codes(scene({"workflow.papers": [paper(status="filed")]})) == ["already-filed"]
    both = {"workflow.papers": [paper(status="filed")], "workflow.state": "filed"}
    assert codes(scene(both)) == ["already-filed"]


def test_a_paper_that_was_never_issued() -> None:
    assert codes(scene({"workflow.papers": []})) == ["serial-not-issued"]


def test_what_is_not_known_of_papers_does_not_pass() -> None:
    assert unknown(scene({"workflow.papers": None})) == ["workflow.papers"]
    assert unknown(scene({"workflow.papers": [paper(status=None)]})) == ["workflow.papers.status"]


def test_the_ledger_says_whose_paper_it_is() -> None:
    ledger = LedgerFacts((LedgerPaper(OTHER, THEIRS, "held"), LedgerPaper(SERIAL, MINE, "held")))
    finding = only(reads(OTHER, scene(ledger=ledger)))
    assert finding.code == "serial-of-another-student"
    assert finding.params == {"serial": OTHER}
    assert finding.internal == {"case": THEIRS}


@pytest.mark.parametrize(
    ("listed", "code"),
    [
        ((), "serial-not-issued"),
        ((LedgerPaper(OTHER, None, "held"),), "serial-not-issued"),
        ((LedgerPaper(OTHER, None, "void"),), "serial-void"),
        ((LedgerPaper(OTHER, THEIRS, "lost"),), "serial-of-another-student"),
    ],
)
def test_the_ledger_of_all_papers(listed: tuple[LedgerPaper, ...], code: str) -> None:
    assert codes(reads(OTHER, scene(ledger=LedgerFacts(listed)))) == [code]


def test_the_ledger_stands_in_for_papers_that_the_case_does_not_know() -> None:
    mine = LedgerPaper(SERIAL, MINE, "held", dt.date(2018, 10, 12), False)
    assert found(scene({"workflow.papers": None}, ledger=LedgerFacts((mine,)))) == ()


def test_the_ledger_prevails_over_the_case() -> None:
    assert codes(scene(ledger=LedgerFacts((LedgerPaper(SERIAL, THEIRS, "held"),)))) == [
        "serial-of-another-student"
    ]
    assert codes(scene(ledger=LedgerFacts((LedgerPaper(SERIAL, MINE, "void"),)))) == ["serial-void"]


def test_another_paper_of_the_same_student() -> None:
    two = scene({"workflow.papers": [paper(), paper(OTHER)]})
    finding = only(reads(OTHER, two))
    assert (finding.code, finding.severity) == ("serial-differs", "return")
    assert finding.params == {"read": OTHER, "expected": SERIAL}


def test_a_paper_that_nobody_issued_is_named_once() -> None:
    assert codes(reads(OTHER)) == ["serial-not-issued"]


def test_lost_and_reissued() -> None:
    papers = [paper(status="lost"), paper(OTHER)]
    reissued = scene({"workflow.papers": papers, "entry.serial": OTHER})
    assert found(reissued) == ()
    turned_up = reads(SERIAL, reissued)
    assert codes(turned_up) == ["serial-lost"]


def test_pages_of_two_papers() -> None:
    finding = only(scene().judgement("n1", "differ", read=OTHER))
    assert (finding.code, finding.params) == (
        "pages-from-different-papers",
        {"first": OTHER, "second": SERIAL},
    )


@pytest.mark.parametrize("region", ["n1", "n2"])
def test_a_serial_that_is_not_read_for_certain(region: str) -> None:
    finding = only(scene().judgement(region, "unsure"))
    assert (finding.code, finding.severity, finding.region) == ("serial-unreadable", "review", region)


def test_a_serial_in_a_bad_picture_is_asked_for_again() -> None:
    bad = scene().judgement("n1", "unsure").trouble("n1", "glare")
    finding = only(bad)
    assert (finding.code, finding.severity) == ("region-unjudgeable", "retake")
    assert finding.params == {"reason": "glare", "field": ["entry.serial"]}


def test_no_serial_where_one_is_printed() -> None:
    assert codes(scene().judgement("n2", "blank", read=None)) == ["serial-missing"]


def test_a_serial_whose_place_was_not_measured() -> None:
    lost = scene()
    del lost.seen["n2"]  # type: ignore[attr-defined]
    assert unknown(lost) == ["regions.n2"]


def test_a_serial_that_looks_altered() -> None:
    def altered(chance: float) -> Scene:
        return scene().evidence("n1", serial=SerialMark(chance, ("pasted",), None, "red", 0.0))

    finding = only(altered(0.5))
    assert (finding.code, finding.params) == ("serial-region-altered", {"signs": ["pasted"]})
    assert verdict(altered(0.5)) == "review"
    assert found(altered(0.49)) == ()


def test_an_altered_serial_that_is_not_read_is_one_finding() -> None:
    mark = SerialMark(0.9, ("handwritten",), None, "black", 0.0)
    assert codes(scene().evidence("n1", serial=mark).judgement("n1", "unsure")) == ["serial-region-altered"]


def test_while_none_is_read_the_entered_serial_is_looked_up() -> None:
    unread = scene({"workflow.papers": [paper(status="void")]})
    unread = unread.judgement("n1", "unsure", read=None).judgement("n2", "unsure", read=None)
    assert codes(unread) == ["serial-void", "serial-unreadable"]
