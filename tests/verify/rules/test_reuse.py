from scanservice.verify import ReuseHit
from tests.verify.builders import CASE, decoy, scene
from tests.verify.rules.asking import codes, found, only, verdict

OTHER = "2019-21160231099"


def test_without_a_store_reuse_is_no_check_of_the_case() -> None:
    assert verdict(scene(reuse=None)) == "pass"
    assert verdict(scene(reuse=())) == "pass"


def test_a_paper_of_another_case() -> None:
    hits = (
        ReuseHit("ink", OTHER, "scan-7"),
        ReuseHit("file", OTHER, "scan-7"),
        ReuseHit("seal", OTHER, "scan-7"),
    )
    finding = only(scene(reuse=hits))
    assert (finding.code, finding.severity) == ("scan-reused", "review")
    assert finding.internal == {"cases": [OTHER], "scans": ["scan-7"]}


def test_the_student_never_learns_of_the_other() -> None:
    finding = only(scene(reuse=(ReuseHit("ink", OTHER, "scan-7"),)))
    assert OTHER not in repr(finding.params)
    assert finding.params == {}


def test_the_same_seal_imprint() -> None:
    finding = only(scene(reuse=(ReuseHit("seal", OTHER, region="m1"),)))
    assert (finding.code, finding.region, finding.severity) == ("seal-imprint-reused", "m1", "review")


def test_a_second_scan_of_the_same_case_is_no_reuse() -> None:
    assert found(scene(reuse=(ReuseHit("ink", CASE["case"], "scan-1"),))) == ()


def test_another_form_may_be_reused_too() -> None:
    other = scene(template=decoy(), reuse=(ReuseHit("file", OTHER),)).standing("refused")
    assert codes(other) == ["electronic-agreement", "scan-reused"]
