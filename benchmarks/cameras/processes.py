"""What lamps, lenses, sensors, software and paper do to a picture, written apart from the fixtures' maker.

Each process takes a picture (H x W x 3, uint8, BGR) and a generator, and returns a picture of that kind.
Their strengths leave the writing such that a person reads it without trouble.
"""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from benchmarks.cameras.light import Process, bumps, grey_values, light_of, places, shown
from benchmarks.cameras.paper import aged, crumpled, cup, folded, highlighter, show_through, spilt
from scanservice.geometry import Image


def lamp(blue: float, green: float, red: float) -> Process:
    """Light of another colour that the camera has not balanced; paper of another colour likewise."""
    return lambda picture, rng: shown(light_of(picture) * np.array([blue, green, red], np.float32))


def two_lamps(share: float) -> Process:
    """A yellow lamp from one side, a blue window from the other."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        x, y = places(picture)
        angle = rng.uniform(0, 2 * np.pi)
        near = (1 / (1 + np.exp(-8 * (x * np.cos(angle) + y * np.sin(angle)))))[..., None]
        window, yellow = (
            np.array([1, 1 - 0.1 * share, 1 - 0.5 * share]),
            np.array([1 - share, 1 - 0.35 * share, 1]),
        )
        return shown(light_of(picture) * (near * yellow + (1 - near) * window))

    return process


def few_photons(photons: float, read: float) -> Process:
    """Shot and read noise of a dark room, made brighter again by the camera."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        caught = rng.poisson(light_of(picture) * 0.5 * photons) / photons
        return shown(1.6 * (caught + rng.normal(0, read, picture.shape)))

    return process


def vignette(share: float) -> Process:
    def process(picture: Image, rng: np.random.Generator) -> Image:
        x, y = places(picture)
        return shown(light_of(picture) * (1 - share * 2 * (x**2 + y**2))[..., None])

    return process


def flash(strength: float) -> Process:
    """A phone's lamp near the paper."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        x, y = places(picture)
        across, down = rng.uniform(-0.3, 0.3, 2)
        near = np.exp(-((x - across) ** 2 + (1.4 * (y - down)) ** 2) / 0.06)
        return shown(light_of(picture) * (0.55 + strength * near)[..., None])

    return process


def flicker(share: float) -> Process:
    """Bands of a lamp that flickers while the shutter rolls."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        down = np.linspace(0, 2 * np.pi * rng.uniform(5, 16), picture.shape[0])
        return shown(light_of(picture) * (1 - share * (0.5 + 0.5 * np.sin(down)))[:, None, None])

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
        return grey_values(picture.astype(np.float32) * (1 + amount) - amount * soft)

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
        x, y = places(picture)
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
    return lambda picture, rng: grey_values(np.rint(picture / 255.0 * (levels - 1)) / (levels - 1) * 255)


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
        return grey_values((mean + (stretched - mean) * colour) * 255)

    return process


def colours(strength: float) -> Process:
    """Made stronger (above 1) or paler."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        mean = grey(picture, rng).astype(np.float32)
        return grey_values(mean + (picture - mean) * strength)

    return process


def levels(black: float, white: float) -> Process:
    """What was black and white is grey."""
    return lambda picture, rng: grey_values(black + picture * ((white - black) / 255))


def sleeve(strength: float) -> Process:
    """Milky stripes of light on a transparent sleeve."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        x, y = places(picture)
        angle = rng.uniform(0, np.pi)
        across = x * np.cos(angle) + y * np.sin(angle) + 0.03 * bumps(picture, picture.shape[1] / 2, rng)
        stripes = zip(rng.uniform(-0.5, 0.5, 3), rng.uniform(0.02, 0.12, 3), strict=True)
        shine = sum(0.7 * np.exp(-(((across - middle) / wide) ** 2)) for middle, wide in stripes)
        return shown(light_of(picture) * 0.92 + 0.03 + strength * 0.5 * np.clip(shine, 0, 1)[..., None])

    return process


def shadow(share: float, soft: int) -> Process:
    def process(picture: Image, rng: np.random.Generator) -> Image:
        height, width = picture.shape[:2]
        x, y = (rng.uniform(0.2, 0.8, 2) * (width, height)).astype(int).tolist()
        mask = np.zeros((height, width), np.uint8)
        cv2.ellipse(mask, (x, y), (width // 3, height // 2), rng.uniform(0, 180), 0, 360, (255,), -1)
        lies = cv2.blur(cv2.blur(mask, (soft, soft)), (soft, soft)).astype(np.float32)[..., None] / 255
        return shown(light_of(picture) * (1 - share * lies))

    return process


def dusty_glass(lines: int, share: float) -> Process:
    """Dust on a feeding scanner's glass: coloured lines from top to bottom."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        seen = picture.astype(np.float32)
        for _ in range(lines):
            x, wide = int(rng.uniform(0.1, 0.9) * picture.shape[1]), int(rng.integers(1, 4))
            seen[:, x : x + wide] *= 1 - share * rng.uniform(0, 1, 3)
        return grey_values(seen)

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


def coloured_grain(strength: float) -> Process:
    def process(picture: Image, rng: np.random.Generator) -> Image:
        seen = cv2.cvtColor(picture, cv2.COLOR_BGR2YCrCb).astype(np.float32)
        for channel, amount in ((0, 0.4), (1, 1.0), (2, 1.0)):
            seen[..., channel] += strength * amount * bumps(picture, 6, rng)
        return np.asarray(cv2.cvtColor(grey_values(seen), cv2.COLOR_YCrCb2BGR), np.uint8)

    return process


def smoothed(picture: Image, rng: np.random.Generator) -> Image:
    """Noise taken away with the paper's grain (bilateral)."""
    return np.asarray(cv2.bilateralFilter(picture, 9, 45, 5), np.uint8)


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
