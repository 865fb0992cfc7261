"""For any bytes: pages or one clear error. For any size and orientation: the geometry that is stated."""

from __future__ import annotations

import io
import random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from PIL import Image

from scanservice.errors import InputError
from scanservice.intake import Limits
from scanservice.intake.decode import fair_share
from scanservice.intake.jpeg import read_jpeg
from scanservice.intake.kinds import sniff
from scanservice.intake.pdf import PdfDocument
from scanservice.intake.png import read_png, require_rows
from scanservice.intake.refusal import Refusal
from scanservice.intake.tiff import orientation, read_tiff
from tests.intake.conftest import Opener
from tests.intake.hostile_pdf import scanned
from tests.intake.hostile_png import interlaced_png
from tests.intake.samples import UPRIGHT, corners, encoded, exif, jpeg, picture, stored_as

SMALL = picture(160, 120)
SOUND = {
    "jpeg": jpeg(SMALL),
    "progressive": jpeg(SMALL, progressive=True),
    "png": encoded(SMALL, "PNG"),
    "interlaced": interlaced_png(SMALL),
    "tiff": encoded(SMALL, "TIFF", compression="tiff_lzw"),
    "webp": encoded(SMALL, "WEBP"),
    "bmp": encoded(SMALL, "BMP"),
    "gif": encoded(SMALL.quantize(32), "GIF"),
    "heic": encoded(SMALL, "HEIF", quality=60),
    "pdf": scanned(),
}
LIMITS = Limits(pixels=4_000_000, cpu_seconds=2, wall_seconds=8, memory_mb=300)
BOUNDED = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
    database=None,
)


def mutated(data: bytes, seed: int) -> bytes:
    """Cut, doubled, zeroed, moved or overwritten somewhere, up to four times."""
    rng, out = random.Random(seed), bytearray(data)
    for _ in range(rng.randint(1, 4)):
        if len(out) < 8:
            break
        at, size = rng.randrange(len(out)), rng.randint(1, min(400, len(out)))
        change = rng.randrange(6)
        if change == 0:
            out[at] = rng.randrange(256)
        elif change == 1:
            out[at : at + 4] = rng.choice([b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff", b"\x80\0\0\0"])
        elif change == 2:
            del out[at : at + size]
        elif change == 3:
            out[at:at] = out[at : at + size]
        elif change == 4:
            out[at : at + size] = bytes(len(out[at : at + size]))
        else:
            out[at : at + size] = rng.randbytes(size)
    return bytes(out)


@pytest.mark.parametrize("kind", SOUND)
@given(seed=st.integers(0, 2**32))
@settings(BOUNDED, max_examples=25)
def test_any_mutation_ends_in_pages_or_a_clear_error(opened: Opener, kind: str, seed: int) -> None:
    try:
        scan = opened(mutated(SOUND[kind], seed), limits=LIMITS)
    except InputError as error:
        assert "\n" not in error.line()
        # The decoder's own death would be an error too, but one that says less.
        assert "gave up" not in error.line() or kind in ("heic", "pdf", "tiff")
    else:
        assert all(page.image.size for page in scan.pages)


@given(data=st.binary(max_size=400))
@settings(BOUNDED, max_examples=300)
def test_readers_of_structure_refuse_and_never_break(data: bytes) -> None:
    readers = (
        sniff,
        lambda d: read_jpeg(b"\xff\xd8" + d),
        lambda d: require_rows(read_png(b"\x89PNG\r\n\x1a\n" + d)),
        lambda d: read_tiff(b"II*\0" + d, 5),
        lambda d: read_tiff(b"MM\0+" + d, 5),
        orientation,
    )
    for reader in readers:
        try:
            reader(data)
        except Refusal:
            continue
        except Exception as error:
            # Broken compressed data in a PNG is the decoder's to find; it never comes here first.
            assert type(error).__name__ == "error", error


@given(
    cut=st.floats(0.02, 0.999),
    kind=st.sampled_from(["jpeg", "progressive", "png", "tiff", "webp", "bmp", "gif"]),
)
@settings(BOUNDED, max_examples=120)
def test_no_cut_file_is_ever_judged(opened: Opener, kind: str, cut: float) -> None:
    data = SOUND[kind]
    shorter = data[: int(len(data) * cut)]
    # A TIFF's and a GIF's last bytes may be padding and a mark without content.
    assume(len(data) - len(shorter) > 2)
    with pytest.raises(InputError) as caught:
        opened(shorter, isolated=False)
    assert caught.value.code in ("file-truncated", "file-damaged", "file-unsupported")


@given(cut=st.floats(0.3, 0.998))
@settings(BOUNDED, max_examples=60)
def test_a_jpeg_that_was_cut_and_ended_again_is_not_judged(opened: Opener, cut: float) -> None:
    data = SOUND["jpeg"]
    with pytest.raises(InputError) as caught:
        opened(data[: int(len(data) * cut)] + b"\xff\xd9", isolated=False)
    assert caught.value.code == "file-truncated"


@given(
    width=st.integers(64, 900),
    height=st.integers(64, 900),
    turn=st.integers(1, 8),
    enough=st.integers(64, 400),
    kind=st.sampled_from(["JPEG", "PNG", "TIFF", "WEBP"]),
    budget=st.integers(4_000, 900_000),
)
@settings(BOUNDED, max_examples=120)
def test_the_stated_size_and_scale_are_those_of_the_picture(
    opened: Opener, width: int, height: int, turn: int, enough: int, kind: str, budget: int
) -> None:
    stored = stored_as(picture(width, height), turn)
    options = {"tiffinfo": {274: turn}} if kind == "TIFF" else {"exif": exif(turn)}
    content = encoded(stored, kind, **options)
    (page,) = opened(content, limits=Limits(enough_side=enough, working_pixels=budget), isolated=False).pages
    rows, columns = page.image.shape[:2]
    assert (page.width, page.height) == (width, height)
    assert rows * columns <= budget
    assert columns == pytest.approx(width * page.scale, abs=1.5)
    assert rows == pytest.approx(height * page.scale, abs=1.5)
    if min(rows, columns) >= 32:
        assert corners(page.image) == UPRIGHT


@given(sizes=st.lists(st.integers(1, 10**8), min_size=1, max_size=40), budget=st.integers(1_000, 10**9))
def test_a_share_is_fair_and_within_the_budget(sizes: list[int], budget: int) -> None:
    share = fair_share(sizes, budget)
    used = sum(min(size, share) for size in sizes)
    assert used <= budget
    assert share >= max(sizes) or used + len(sizes) > budget


@pytest.mark.long
@pytest.mark.parametrize("kind", SOUND)
@given(seed=st.integers(0, 2**48))
@settings(BOUNDED, max_examples=2_000)
def test_many_mutations(opened: Opener, kind: str, seed: int) -> None:
    try:
        opened(mutated(SOUND[kind], seed), limits=LIMITS)
    except InputError as error:
        assert "\n" not in error.line()


def test_the_mutated_samples_are_sound_to_begin_with(opened: Opener) -> None:
    for content in SOUND.values():
        assert corners(opened(content).pages[0].image) == UPRIGHT
    assert Image.open(io.BytesIO(SOUND["interlaced"])).info["interlace"] == 1
    assert PdfDocument(SOUND["pdf"], Limits()).sizes
