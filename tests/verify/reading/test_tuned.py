"""The differences that tune the recogniser: how they are added, to which model, and what they are for."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from benchmarks.agreement.digits import digit_lines
from scanservice.evidence import Posterior
from scanservice.verify.alphabet import Alphabet
from scanservice.verify.ctc import scores
from scanservice.verify.posterior import lattice
from scanservice.verify.preparing import FIRST
from scanservice.verify.recogniser import recogniser, recogniser_name, tuned_recogniser
from scanservice.verify.tuned import OtherModelError, tuned_model

HEAD = b"a model's head, of 24 B  "[:24]


def model(folder: Path) -> Path:
    path = folder / "model.onnx"
    path.write_bytes(HEAD + np.array([1, 2, 3, 10, 20], "<f4").tobytes() + b"tail")
    return path


def differences(folder: Path, of: bytes) -> Path:
    path = folder / "differences.npz"
    np.savez_compressed(
        path,
        sha256=np.frombuffer(hashlib.sha256(of).digest(), np.uint8),
        places=np.array([len(HEAD) + 12, len(HEAD)]),
        sizes=np.array([2, 3]),
        units=np.array([0.5, 0.25], np.float32),
        steps=np.array([-2, 127, 4, 0, -8], np.int8),
    )
    return path


def test_differences_are_added_where_the_weights_lie(tmp_path: Path) -> None:
    path = model(tmp_path)
    made = tuned_model(path, differences(tmp_path, path.read_bytes()))
    assert made[: len(HEAD)] == HEAD
    assert np.frombuffer(made, "<f4", 5, len(HEAD)).tolist() == [2, 2, 1, 9, 83.5]
    assert made.endswith(b"tail")


def test_of_another_model_the_error_names_it_and_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(
        OtherModelError, match=r"model\.onnx is not the model .*install rapidocr in the version"
    ):
        tuned_model(model(tmp_path), differences(tmp_path, b"another"))


def test_the_verdict_says_which_differences_read() -> None:
    assert ", tuned " in recogniser_name()


def test_real_digits_that_it_never_saw_are_read_better() -> None:
    """Of 40 lines of digits that are held out the tuned weights see the text more nearly in most, and read
    more of them fully right."""
    nearer, read, known = 0, [0, 0], recogniser().characters
    assert tuned_recogniser().characters == known
    found = list(digit_lines(5, 60))[:40]
    for line in found:
        image = FIRST.make(line.crop)
        looks = [one.posterior(image, "look") for one in (recogniser(), tuned_recogniser())]
        plain, tuned = (_relative(look, line.text, known) for look in looks)
        nearer += tuned >= plain
        read[0] += plain == 0
        read[1] += tuned == 0
    assert nearer > 0.6 * len(found)
    assert read[1] > read[0]


def _relative(look: Posterior, text: str, known: tuple[str, ...]) -> float:
    """Logarithm of the text's probability over that of what is read best; 0 where it is that."""
    alphabet = Alphabet(known, "text")
    codes = tuple(alphabet.encode(text) or ())
    seen = lattice([look], alphabet, [codes, ()], cells=False)
    best = seen.greedy()
    if best == codes:
        return 0.0
    return float(scores(seen.weights, [seen.columns(codes)])[0])
