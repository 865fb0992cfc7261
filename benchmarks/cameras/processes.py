"""What lamps, lenses, sensors, software and paper do to a picture, written apart from the fixtures' maker.

Each process takes a picture (H x W x 3, uint8, BGR) and a generator, and returns a picture of that kind.
Their strengths leave the writing such that a person reads it without trouble.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from scanservice.geometry import Image

Process: TypeAlias = Callable[[Image, np.random.Generator], Image]
Light: TypeAlias = NDArray[np.float32]
GAMMA = 2.2


def _light(picture: Image) -> Light:
    """Light, 0 to 1, of a picture's grey values."""
    return np.asarray((picture.astype(np.float32) / 255) ** GAMMA, np.float32)


def _shown(light: Any) -> Image:
    return _grey_values(np.clip(light, 0, 1) ** (1 / GAMMA) * 255)


def _grey_values(values: Any) -> Image:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)


def _places(picture: Image) -> tuple[Light, Light]:
    """Of each pixel its place across and down, -0.5 to 0.5."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return x / width - 0.5, y / height - 0.5


def _field(picture: Image, size: float, rng: np.random.Generator) -> Light:
    """Smooth normal noise, H x W, whose bumps are `size` pixels wide."""
    height, width = picture.shape[:2]
    coarse = rng.normal(size=(int(height / size) + 2, int(width / size) + 2)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def lamp(blue: float, green: float, red: float) -> Process:
    """Light of another colour that the camera has not balanced; paper of another colour likewise."""
    return lambda picture, rng: _shown(_light(picture) * np.array([blue, green, red], np.float32))


def two_lamps(share: float) -> Process:
    """A yellow lamp from one side, a blue window from the other."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        x, y = _places(picture)
        angle = rng.uniform(0, 2 * np.pi)
        near = (1 / (1 + np.exp(-8 * (x * np.cos(angle) + y * np.sin(angle)))))[..., None]
        window, yellow = (
            np.array([1, 1 - 0.1 * share, 1 - 0.5 * share]),
            np.array([1 - share, 1 - 0.35 * share, 1]),
        )
        return _shown(_light(picture) * (near * yellow + (1 - near) * window))

    return process


def few_photons(photons: float, read: float) -> Process:
    """Shot and read noise of a dark room, made brighter again by the camera."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        caught = rng.poisson(_light(picture) * 0.5 * photons) / photons
        return _shown(1.6 * (caught + rng.normal(0, read, picture.shape)))

    return process


def vignette(share: float) -> Process:
    def process(picture: Image, rng: np.random.Generator) -> Image:
        x, y = _places(picture)
        return _shown(_light(picture) * (1 - share * 2 * (x**2 + y**2))[..., None])

    return process


def flash(strength: float) -> Process:
    """A phone's lamp near the paper."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        x, y = _places(picture)
        across, down = rng.uniform(-0.3, 0.3, 2)
        near = np.exp(-((x - across) ** 2 + (1.4 * (y - down)) ** 2) / 0.06)
        return _shown(_light(picture) * (0.55 + strength * near)[..., None])

    return process


def flicker(share: float) -> Process:
    """Bands of a lamp that flickers while the shutter rolls."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        down = np.linspace(0, 2 * np.pi * rng.uniform(5, 16), picture.shape[0])
        return _shown(_light(picture) * (1 - share * (0.5 + 0.5 * np.sin(down)))[:, None, None])

    return process


def local_contrast(limit: float) -> Process:
    """Contrast stretched in each part of the picture (CLAHE), as high dynamic range modes do."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        lightness, *colours = cv2.split(cv2.cvtColor(picture, cv2.COLOR_BGR2LAB))
        stretched = cv2.createCLAHE(limit, (8, 8)).apply(lightness)
        return np.asarray(cv2.cvtColor(cv2.merge([stretched, *colours]), cv2.COLOR_LAB2BGR), np.uint8)

    return process


def sharpened(amount: float, sigma: float) -> Process:
    """An unsharp mask: bright halos around strokes."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        soft = cv2.GaussianBlur(picture, (0, 0), sigma).astype(np.float32)
        return _grey_values(picture.astype(np.float32) * (1 + amount) - amount * soft)

    return process


def recompressed(first: int, second: int, side: int) -> Process:
    """JPEG, a smaller picture, a shifted grid of blocks, and JPEG again."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        return _compressed(_compressed(shrunk(side)(picture, rng), first)[1:, 3:], second)

    return process


def compressed(quality: int) -> Process:
    return lambda picture, rng: _compressed(picture, quality)


def _compressed(picture: Image, quality: int) -> Image:
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def shrunk(side: int) -> Process:
    """To so many pixels across at most."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        ratio = side / min(picture.shape[:2])
        if ratio >= 1:
            return picture
        return np.asarray(
            cv2.resize(picture, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_AREA), np.uint8
        )

    return process


def enlarged(side: int) -> Process:
    """From so many pixels across to as many as before: more pixels than the picture has detail."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        size = (picture.shape[1], picture.shape[0])
        return np.asarray(
            cv2.resize(shrunk(side)(picture, rng), size, interpolation=cv2.INTER_CUBIC), np.uint8
        )

    return process


def lens(share: float) -> Process:
    """Radial distortion, r' = r (1 + share r^2) of the half longer side: barrel above 0, pincushion below."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        height, width = picture.shape[:2]
        x, y = _places(picture)
        half = max(height, width) / 2
        x, y = x * width / half, y * height / half
        factor = ((1 + share * (x * x + y * y)) / (1 + max(share, 0) / 2)).astype(np.float32)
        to = x * factor * half + width / 2, y * factor * half + height / 2
        seen = cv2.remap(picture, *to, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(seen, np.uint8)

    return process


def fringes(pixels: float) -> Process:
    """Red and blue a little off green, as of a scanner's colour lines or a cheap lens."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        blue, green, red = cv2.split(picture)
        size = (picture.shape[1], picture.shape[0])
        moved = [
            cv2.warpAffine(plane, np.array([[1, 0, by], [0, 1, 0.0]]), size, borderMode=cv2.BORDER_REPLICATE)
            for plane, by in ((blue, pixels / 2), (red, -pixels / 2))
        ]
        return np.asarray(cv2.merge([moved[0], green, moved[1]]), np.uint8)

    return process


def fewer_colours(levels: int) -> Process:
    return lambda picture, rng: _grey_values(np.rint(picture / 255.0 * (levels - 1)) / (levels - 1) * 255)


def grey(picture: Image, rng: np.random.Generator) -> Image:
    return np.asarray(cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), np.uint8)


def black_and_white(picture: Image, rng: np.random.Generator) -> Image:
    """Each pixel against the paper around it."""
    seen = grey(picture, rng)
    paper = cv2.GaussianBlur(cv2.dilate(seen, np.ones((25, 25), np.uint8)), (0, 0), 15)
    return np.asarray(np.where(seen < 0.72 * paper, 0, 255), np.uint8)


def scanner_app(black: float, white: float, colour: float) -> Process:
    """Divided by the paper's own light, levels stretched, colours made stronger."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        small = cv2.resize(picture, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
        small = cv2.GaussianBlur(cv2.dilate(small, np.ones((9, 9), np.uint8)), (0, 0), 8)
        paper = cv2.resize(small, (picture.shape[1], picture.shape[0])).astype(np.float32)
        stretched = (picture / np.maximum(paper, 20) - black) / (white - black)
        mean = stretched.mean(axis=2, keepdims=True)
        return _grey_values((mean + (stretched - mean) * colour) * 255)

    return process


def colours(strength: float) -> Process:
    """Made stronger (above 1) or paler."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        mean = grey(picture, rng).astype(np.float32)
        return _grey_values(mean + (picture - mean) * strength)

    return process


def levels(black: float, white: float) -> Process:
    """What was black and white is grey."""
    return lambda picture, rng: _grey_values(black + picture * ((white - black) / 255))


def sleeve(strength: float) -> Process:
    """Milky stripes of light on a transparent sleeve."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        x, y = _places(picture)
        angle = rng.uniform(0, np.pi)
        across = x * np.cos(angle) + y * np.sin(angle) + 0.03 * _field(picture, picture.shape[1] / 2, rng)
        stripes = zip(rng.uniform(-0.5, 0.5, 3), rng.uniform(0.02, 0.12, 3), strict=True)
        shine = sum(0.7 * np.exp(-(((across - middle) / wide) ** 2)) for middle, wide in stripes)
        return _shown(_light(picture) * 0.92 + 0.03 + strength * 0.5 * np.clip(shine, 0, 1)[..., None])

    return process


def shadow(share: float, soft: int) -> Process:
    def process(picture: Image, rng: np.random.Generator) -> Image:
        height, width = picture.shape[:2]
        x, y = (rng.uniform(0.2, 0.8, 2) * (width, height)).astype(int).tolist()
        mask = np.zeros((height, width), np.uint8)
        cv2.ellipse(mask, (x, y), (width // 3, height // 2), rng.uniform(0, 180), 0, 360, (255,), -1)
        lies = cv2.blur(cv2.blur(mask, (soft, soft)), (soft, soft)).astype(np.float32)[..., None] / 255
        return _shown(_light(picture) * (1 - share * lies))

    return process


def show_through(share: float) -> Process:
    """The page's own mirror image, as if printed on its back."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        back = _light(cv2.GaussianBlur(picture[:, ::-1], (0, 0), 4))  # type: ignore[arg-type]
        return _shown(_light(picture) * (1 - share * (1 - back.mean(axis=2, keepdims=True))))

    return process


def aged(share: float) -> Process:
    """Yellow in clouds."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        width = picture.shape[1]
        cloud = 1 + 0.25 * _field(picture, width / 5, rng) + 0.1 * _field(picture, width / 40, rng)
        taken = share * np.clip(cloud, 0.3, 1.8)[..., None] * np.array([0.55, 0.22, 0.08])
        return _shown(_light(picture) * (1 - taken))

    return process


def dusty_glass(lines: int, share: float) -> Process:
    """Dust on a feeding scanner's glass: coloured lines from top to bottom."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        seen = picture.astype(np.float32)
        for _ in range(lines):
            x, wide = int(rng.uniform(0.1, 0.9) * picture.shape[1]), int(rng.integers(1, 4))
            seen[:, x : x + wide] *= 1 - share * rng.uniform(0, 1, 3)
        return _grey_values(seen)

    return process


def specks(count: int, radius: float) -> Process:
    """Dirt on paper or glass: dark specks of at most such a radius, a share of the width."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        seen = picture.copy()
        height, width = picture.shape[:2]
        for _ in range(count):
            place = int(rng.uniform(0, width)), int(rng.uniform(0, height))
            cv2.circle(seen, place, max(1, round(rng.uniform(0.3, 1) * radius * width)), (80, 85, 90), -1)
        return seen

    return process


def slipping(share: float) -> Process:
    """Paper fed too fast or too slowly: longer one way than the other."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        factor = 1 + share * (1 if rng.random() < 0.5 else -1)
        return np.asarray(
            cv2.resize(picture, None, fx=1.0, fy=factor, interpolation=cv2.INTER_LINEAR), np.uint8
        )

    return process


def folded(panels: int, degrees: float) -> Process:
    """Paper that was folded across and lies open again: its panels rise and fall by so many degrees, seen
    from above at 1.6 times its longer side, each lit as it lies, with a worn line between them."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        height, width = picture.shape[:2]
        rise = np.radians(degrees) * np.where(np.arange(panels) % 2, -1, 1)
        part, far = height / panels, 1.6 * max(height, width)
        tops = np.concatenate([[0], np.cumsum(part * np.cos(rise))])
        heights = np.concatenate([[0], np.cumsum(part * np.sin(rise))])

        def seen(x: float, line: int) -> tuple[float, float]:
            near = far / (far - heights[line])
            middle = height / 2
            return width / 2 + (x - width / 2) * near, middle + (tops[line] - tops[-1] / 2) * near

        made = np.full_like(picture, 90)
        for panel in range(panels):
            ends = [(0, panel), (width, panel), (width, panel + 1), (0, panel + 1)]
            to = np.array([seen(x, line) for x, line in ends], np.float32)
            at = np.array([(x, line * part) for x, line in ends], np.float32)
            turned = cv2.warpPerspective(picture, cv2.getPerspectiveTransform(at, to), (width, height))
            mask = np.zeros((height, width), np.uint8)
            cv2.fillConvexPoly(mask, np.round(to).astype(np.int32), (255,))
            lit = _shown(_light(np.asarray(turned, np.uint8)) * (0.95 - 0.3 * np.sin(rise[panel])))
            made[mask > 0] = lit[mask > 0]
        for line in range(1, panels):
            left, right = (tuple(round(value) for value in seen(x, line)) for x in (0, width))
            worn = np.zeros((height, width), np.uint8)
            cv2.line(worn, left, right, (255,), max(1, width // 700), cv2.LINE_AA)
            made = _grey_values(made * (1 - 0.12 * worn[..., None] / 255.0))
        return made

    return process


def crumpled(slope: float, ridges: int) -> Process:
    """Paper that was crumpled and smoothed: straight ridges in all directions, lit from one side."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        width = picture.shape[1]
        x, y = _places(picture)
        y = y * (picture.shape[0] / width)
        lamp, light = rng.uniform(0, 2 * np.pi), np.zeros_like(x)
        for _ in range(ridges):
            angle, wide = rng.uniform(0, np.pi), rng.uniform(0.06, 0.3)
            across = x * np.cos(angle) + y * np.sin(angle) - rng.uniform(-0.6, 0.6)
            along = y * np.cos(angle) - x * np.sin(angle) - rng.uniform(-0.5, 0.5)
            side = np.clip(across * width / 2.5, -1, 1)  # the ridge is bent within a few pixels
            ends = np.clip(2 - np.abs(along) / rng.uniform(0.1, 0.5), 0, 1)
            lies = np.clip(1.5 - np.abs(across) / wide, 0, 1) * ends
            light += rng.normal(0, slope) * np.cos(angle - lamp) * side * lies
        return _shown(_light(picture) * (0.95 + light)[..., None])

    return process


def coloured_grain(strength: float) -> Process:
    def process(picture: Image, rng: np.random.Generator) -> Image:
        seen = cv2.cvtColor(picture, cv2.COLOR_BGR2YCrCb).astype(np.float32)
        for channel, amount in ((0, 0.4), (1, 1.0), (2, 1.0)):
            seen[..., channel] += strength * amount * _field(picture, 6, rng)
        return np.asarray(cv2.cvtColor(_grey_values(seen), cv2.COLOR_YCrCb2BGR), np.uint8)

    return process


def smoothed(picture: Image, rng: np.random.Generator) -> Image:
    """Noise taken away with the paper's grain (bilateral)."""
    return np.asarray(cv2.bilateralFilter(picture, 9, 45, 5), np.uint8)


def cup(share: float) -> Process:
    """The ring that a cup's foot leaves, here thicker and there broken."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        height, width = picture.shape[:2]
        x, y = _places(picture)
        radius, wide = rng.uniform(0.14, 0.2), rng.uniform(0.003, 0.006)
        left, top = rng.uniform(-0.25, 0.25, 2)
        across, down = x - left, (y - top) * (height / width)
        angle = np.arctan2(down, across)
        thick = 0.6 + 0.4 * np.sin(angle * 2 + rng.uniform(0, 6)) * np.cos(angle * 3 + rng.uniform(0, 6))
        off = np.hypot(across, down) - radius
        line = np.exp(-((off / (wide * thick.clip(0.25, 1))) ** 2)) + 0.12 * (off < 0)
        return _shown(_light(picture) * (1 - share * line[..., None] * np.array([0.75, 0.5, 0.3])))

    return process


def spilt(share: float, colour: tuple[float, float, float], rim: float) -> Process:
    """Something spilt and dried: patches, darker at their rims by `rim` times what they take inside.

    Args:
        colour: of what is taken, how much is blue's, green's, red's.
    """

    def process(picture: Image, rng: np.random.Generator) -> Image:
        width = picture.shape[1]
        hills = _field(picture, width / 7, rng) + 0.25 * _field(picture, width / 50, rng) - 1.2
        edge = np.exp(-((hills / 0.06) ** 2))
        wet = np.clip(hills / 0.08, 0, 1) + rim * edge * (hills > -0.1)
        return _shown(_light(picture) * (1 - share * wet[..., None] * np.array(colour)).clip(0, 1))

    return process


def highlighter(strength: float) -> Process:
    """Three strokes of a yellow text marker, as somebody leaves them who checks a paper."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        x, y = _places(picture)
        taken = np.zeros(picture.shape[:2], np.float32)
        for _ in range(3):
            left, top = rng.uniform(-0.3, 0.1), rng.uniform(-0.3, 0.3)
            slant, wide = rng.normal(0, 0.01), rng.uniform(0.006, 0.009)
            inside = (np.abs(y - top - slant * (x - left)) < wide) & (x > left) & (x < left + 0.3)
            taken = np.maximum(taken, cv2.GaussianBlur(inside.astype(np.float32), (0, 0), 2))
        return _shown(_light(picture) * (1 - strength * taken[..., None] * np.array([1, 0.1, 0.02])))

    return process


PROCESSES: Mapping[str, Process] = {
    "as it is": lambda picture, rng: picture,
    "tungsten lamp": lamp(0.35, 0.75, 1),
    "fluorescent lamp": lamp(0.7, 1, 0.72),
    "blue sky": lamp(1, 0.8, 0.5),
    "pink paper": lamp(0.72, 0.7, 1),
    "yellow paper": lamp(0.4, 0.95, 1),
    "two lamps": two_lamps(0.4),
    "dark room": few_photons(120, 0.015),
    "underexposed": lamp(0.3, 0.3, 0.3),
    "overexposed": lamp(1.6, 1.6, 1.6),
    "vignette": vignette(0.9),
    "flash": flash(0.6),
    "flicker": flicker(0.25),
    "shadow": shadow(0.5, 61),
    "sleeve": sleeve(0.5),
    "local contrast": local_contrast(2),
    "sharpened": sharpened(1.2, 2),
    "smoothed": smoothed,
    "coloured grain": coloured_grain(6),
    "sent on twice": recompressed(60, 50, 1440),
    "jpeg 40": compressed(40),
    "1080 pixels": shrunk(1080),
    "enlarged": enlarged(1100),
    "barrel lens": lens(0.02),
    "pincushion lens": lens(-0.02),
    "colour fringes": fringes(1.5),
    "strong colours": colours(1.9),
    "pale colours": colours(0.45),
    "eight levels": fewer_colours(8),
    "pale contrast": levels(90, 225),
    "scanner app": scanner_app(0.25, 0.92, 1.2),
    "show-through": show_through(0.12),
    "aged paper": aged(0.5),
    "dusty glass": dusty_glass(4, 0.4),
    "slipping feed": slipping(0.015),
    "folded in two": folded(2, 7),
    "folded in three": folded(3, 6),
    "folded in four": folded(4, 5),
    "crumpled": crumpled(0.035, 14),
    "grey": grey,
    "black and white": black_and_white,
    "cup's ring": cup(0.35),
    "spilt tea": spilt(0.2, (0.9, 0.5, 0.25), 1.0),
    "spilt water": spilt(0.08, (0.6, 0.5, 0.4), 2.0),
    "grease": spilt(0.15, (0.8, 0.75, 0.7), 0.0),
    "text marker": highlighter(0.8),
    "specks": specks(150, 0.0012),
}
