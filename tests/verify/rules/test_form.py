from dataclasses import replace

import pytest

from scanservice.evidence import InkMeasure, PrintMatch
from tests.verify.builders import Scene, blank_scene, decoy, scene
from tests.verify.rules.asking import codes, found, only, verdict


def foreign() -> Scene:
    """A page on which no known form was found, positively."""
    seen = scene()
    layout = replace(
        seen.layout, template=None, standing="foreign", fits=(), relations=("extra",), missing=()
    )
    judged = {name: replace(j, agreement="not_evaluated") for name, j in seen.judged.items()}
    return replace(seen, template=None, layout=layout, seen={}, judged=judged)


def test_the_sites_own_form() -> None:
    finding = only(scene(template=decoy()).standing("refused"))
    assert (finding.code, finding.severity) == ("electronic-agreement", "return")


@pytest.mark.parametrize("refusal", [None, "not-school-issued", "no-such-code"])
def test_another_form_that_is_known(refusal: str | None) -> None:
    finding = only(scene(template=decoy(refusal)).standing("refused"))
    assert (finding.code, finding.params) == ("not-school-issued", {"reason": "refused-form"})


def test_a_replica() -> None:
    finding = only(scene().standing("foreign").judgement("a", "differ", read="李四"))
    assert (finding.code, finding.params) == ("not-school-issued", {"reason": "print-differs"})


def test_print_that_only_a_bad_picture_makes_foreign() -> None:
    replica = scene().standing("foreign")
    regions = sorted(replica.seen)
    few, most = replica, replica
    for number, region in enumerate(regions):
        few = few.trouble(region, "low_contrast") if number < len(regions) // 3 else few
        most = most.trouble(region, "blur")
    assert codes(few) == ["not-school-issued"]
    assert [(f.code, f.severity) for f in found(most)] == [("form-unclear", "retake")]


def test_an_unrelated_document() -> None:
    finding = only(foreign())
    assert (finding.code, finding.severity) == ("not-school-issued", "return")
    assert finding.params == {"reason": "unknown-form"}


def test_a_mirrored_picture_is_taken_again() -> None:
    nothing = foreign()
    mirrored = replace(nothing.layout, standing="unsure", relations=("mirrored", "extra"))
    seen = replace(nothing, layout=mirrored)
    assert [(f.code, f.severity) for f in found(seen)] == [("picture-mirrored", "retake")]
    assert verdict(seen) == "retake"


def test_a_form_that_the_picture_hides() -> None:
    nothing = foreign()
    hidden = replace(nothing, layout=replace(nothing.layout, standing="unsure"))
    assert [(f.code, f.severity) for f in found(hidden)] == [("form-unclear", "retake")]
    assert verdict(hidden) == "retake"


def test_a_form_that_the_paper_leaves_open() -> None:
    finding = only(scene().standing("unsure"))
    assert (finding.code, finding.severity) == ("form-unclear", "review")


def test_a_form_that_cannot_be_told_is_asked_for_whole() -> None:
    bad = scene().standing("unsure")
    for region in ("a", "b", "c"):
        bad = bad.judgement(region, "unsure").trouble(region, "blur")
    assert [(f.code, f.severity) for f in found(bad)] == [("form-unclear", "retake")]


def partly_hidden(hidden: int, score: float = 0.95) -> Scene:
    """Of five print regions of each page some are hidden, and of a field the picture shows nothing."""
    seen = scene().standing("unsure").judgement("e", "unsure").trouble("e", "glare")
    box = seen.layout.fits[0].prints[0].box
    prints = tuple(PrintMatch(f"p{n}", box, 0.0 if n < hidden else score, n >= hidden) for n in range(5))
    fits = tuple(replace(fit, standing="unsure", prints=prints) for fit in seen.layout.fits)
    return replace(seen, layout=replace(seen.layout, fits=fits))


def test_a_form_hidden_in_places_is_asked_for_there() -> None:
    finding = only(partly_hidden(1))
    assert (finding.code, finding.severity, finding.region) == ("region-unjudgeable", "retake", "e")


@pytest.mark.parametrize(
    "seen",
    [
        partly_hidden(3),
        partly_hidden(1, score=0.5),
        partly_hidden(0),
        partly_hidden(1).judgement("e", "agree"),
    ],
)
def test_a_form_of_which_too_little_is_like_is_asked_for_whole(seen: Scene) -> None:
    assert codes(seen) == ["form-unclear"]
    assert verdict(seen) == "retake"


def test_a_page_that_is_missing_is_one_finding() -> None:
    finding = only(scene(scanned=("cover",)))
    assert (finding.code, finding.severity, finding.params) == (
        "page-missing",
        "return",
        {"page": "agreement"},
    )


def test_a_page_that_could_not_be_told_may_be_the_missing_one() -> None:
    spoilt = scene(scanned=("cover",))
    spoilt = replace(spoilt, layout=replace(spoilt.layout, relations=("form", "unknown")))
    assert verdict(spoilt) == "retake"


def test_a_page_may_be_missing_because_the_pictures_are_bad() -> None:
    assert verdict(scene(scanned=("cover",)).trouble("n1", "blur")) == "retake"


def test_a_page_shown_twice_is_a_note() -> None:
    twice = scene()
    twice = replace(twice, layout=replace(twice.layout, relations=("form", "duplicate", "form")))
    finding = only(twice)
    assert (finding.code, finding.scan_page, finding.params) == ("page-duplicate", 1, {"page": 2})
    assert verdict(twice) == "pass"


def test_a_blank_form_is_one_finding() -> None:
    finding = only(blank_scene())
    assert (finding.code, finding.severity) == ("agreement-blank", "return")


def test_one_word_is_not_blank() -> None:
    ink = InkMeasure(30.0, None, blank=0.01)
    started = blank_scene().evidence("a", ink=ink).judgement("a", "agree")
    assert "agreement-blank" not in codes(started)
    assert "employer-seal-missing" in codes(started)
    sealed = blank_scene().seal("m1", 0.99).judgement("m1", "agree")
    assert "agreement-blank" not in codes(sealed)


def test_a_bad_picture_of_a_blank_form_is_not_blank() -> None:
    assert "agreement-blank" not in codes(blank_scene().trouble("a", "blur"))


@pytest.mark.parametrize(("chance", "expected"), [(0.5, ["screen-photograph"]), (0.49, []), (None, [])])
def test_a_photographed_screen(chance: float | None, expected: list[str]) -> None:
    seen = scene()
    assert codes(replace(seen, layout=replace(seen.layout, screen=chance))) == expected
