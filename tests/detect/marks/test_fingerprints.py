from __future__ import annotations

import numpy as np

from scanservice.fingerprint_index import (
    SAME_IMPRINT,
    SAME_PAPER,
    ImprintIndex,
    PaperIndex,
    imprint_code,
    imprint_similarity,
    paper_code,
    similarity,
)
from tests.detect.marks.paper import BLACK, Paper, measured, photographed

SIZES = ((8, 60), (8, 40), (15, 60))


def made(seed: int, *, key: bytes = b"form-one", noise: float = 0.0, unseen: int | None = None) -> bytes:
    """A fingerprint of random strokes, a share of its cells changed."""
    rng = np.random.default_rng(seed)
    fields = [rng.random(size) < 0.3 for size in SIZES]
    change = np.random.default_rng(seed + 999)
    fields = [field ^ (change.random(field.shape) < noise) for field in fields]
    sizes = [(0, 0) if index == unseen else size for index, size in enumerate(SIZES)]
    seen = [field.ravel() for index, field in enumerate(fields) if index != unseen]
    head = key + bytes([len(SIZES)]) + np.array(sizes, np.uint8).tobytes()
    return head + np.packbits(np.concatenate(seen)).tobytes()


def test_likeness_falls_with_what_differs():
    values = [similarity(made(1), made(1, noise=noise)) for noise in (0.0, 0.05, 0.2)]
    assert values[0] > 0.999
    assert values[0] > values[1] > SAME_PAPER > values[2]
    assert similarity(made(1), made(2)) < 0.3


def test_papers_of_two_forms_are_never_the_same():
    assert similarity(made(1), made(1, key=b"form-two")) == 0


def test_a_page_that_was_not_sent_again_is_left_out():
    assert similarity(made(1), made(1, unseen=2)) > 0.999


def test_one_field_in_common_is_not_the_same_paper():
    mine, theirs = made(1), made(2)
    start = 9 + 2 * len(SIZES)
    one = np.unpackbits(np.frombuffer(mine[start:], np.uint8))
    other = np.unpackbits(np.frombuffer(theirs[start:], np.uint8))
    shared = SIZES[2][0] * SIZES[2][1]
    other[-shared:] = one[-shared:]
    assert similarity(mine, mine[:start] + np.packbits(other).tobytes()) < SAME_PAPER


def test_the_index_names_those_that_may_be_the_same():
    index = PaperIndex()
    index.add(list(range(300)), [paper_code(made(seed)) for seed in range(300)])
    assert len(index) == 300
    assert index.nearest(paper_code(made(77, noise=0.04)))[0] == 77
    index.add([1000], [paper_code(made(1000))])
    assert index.nearest(paper_code(made(1000, noise=0.04)))[0] == 1000
    assert index.nearest(paper_code(made(1, key=b"form-two"))) == []


def test_papers_of_which_a_page_was_not_seen_are_found_too():
    index = PaperIndex()
    index.add(list(range(100)), [paper_code(made(seed)) for seed in range(100)])
    index.add([200], [paper_code(made(200, unseen=2))])
    assert index.nearest(paper_code(made(5, unseen=1)))[0] == 5
    assert index.nearest(paper_code(made(200)))[0] == 200


def test_imprints_are_found_by_likeness():
    index = ImprintIndex()
    rng = np.random.default_rng(5)
    prints = [rng.integers(0, 255, 1600, dtype=np.uint8) for _ in range(200)]
    index.add(list(range(200)), [imprint_code(values.tobytes()) for values in prints])
    noisy = np.clip(prints[9] + rng.normal(0, 3, 1600), 0, 255).astype(np.uint8).tobytes()
    assert index.nearest(imprint_code(noisy))[0] == 9
    assert imprint_similarity(prints[9].tobytes(), noisy) > SAME_IMPRINT
    assert index.nearest(imprint_code(bytes(400))) == []


def test_one_paper_photographed_twice_is_found_among_others(paper: Paper):
    def filled(seed: int) -> Paper:
        mine = Paper(paper.template)
        mine.words(45, 23, 11, seed=seed).words(45, 33, 11, seed=seed + 1).words(45, 39, 11, seed=seed + 2)
        return mine.words(118, 86, 7, colour=BLACK, seed=seed + 3)

    first = measured(filled(10)).fingerprint
    again = photographed(filled(10).image, light=0.7, warm=0.12, noise=5, blur=1.4)
    second = measured(filled(10), image=again, off_mm=0.2).fingerprint
    other = measured(filled(20)).fingerprint
    assert similarity(first, second) > SAME_PAPER > similarity(first, other)
    assert len(first) < 4096
