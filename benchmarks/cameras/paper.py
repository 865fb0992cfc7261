"""What paper does: age, let the back shine through, fold, crumple, soak, be marked."""

from __future__ import annotations

import cv2
import numpy as np

from benchmarks.cameras.light import Process, bumps, grey_values, light_of, places, shown
from scanservice.geometry import Image


def show_through(share: float) -> Process:
    """The page's own mirror image, as if printed on its back."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        back = light_of(cv2.GaussianBlur(picture[:, ::-1], (0, 0), 4))  # type: ignore[arg-type]
        return shown(light_of(picture) * (1 - share * (1 - back.mean(axis=2, keepdims=True))))

    return process


def aged(share: float) -> Process:
    """Yellow in clouds."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        width = picture.shape[1]
        cloud = 1 + 0.25 * bumps(picture, width / 5, rng) + 0.1 * bumps(picture, width / 40, rng)
        taken = share * np.clip(cloud, 0.3, 1.8)[..., None] * np.array([0.55, 0.22, 0.08])
        return shown(light_of(picture) * (1 - taken))

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
            lit = shown(light_of(np.asarray(turned, np.uint8)) * (0.95 - 0.3 * np.sin(rise[panel])))
            made[mask > 0] = lit[mask > 0]
        for line in range(1, panels):
            left, right = (tuple(round(value) for value in seen(x, line)) for x in (0, width))
            worn = np.zeros((height, width), np.uint8)
            cv2.line(worn, left, right, (255,), max(1, width // 700), cv2.LINE_AA)
            made = grey_values(made * (1 - 0.12 * worn[..., None] / 255.0))
        return made

    return process


def crumpled(slope: float, ridges: int) -> Process:
    """Paper that was crumpled and smoothed: straight ridges in all directions, lit from one side."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        width = picture.shape[1]
        x, y = places(picture)
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
        return shown(light_of(picture) * (0.95 + light)[..., None])

    return process


def cup(share: float) -> Process:
    """The ring that a cup's foot leaves, here thicker and there broken."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        height, width = picture.shape[:2]
        x, y = places(picture)
        radius, wide = rng.uniform(0.14, 0.2), rng.uniform(0.003, 0.006)
        left, top = rng.uniform(-0.25, 0.25, 2)
        across, down = x - left, (y - top) * (height / width)
        angle = np.arctan2(down, across)
        thick = 0.6 + 0.4 * np.sin(angle * 2 + rng.uniform(0, 6)) * np.cos(angle * 3 + rng.uniform(0, 6))
        off = np.hypot(across, down) - radius
        line = np.exp(-((off / (wide * thick.clip(0.25, 1))) ** 2)) + 0.12 * (off < 0)
        return shown(light_of(picture) * (1 - share * line[..., None] * np.array([0.75, 0.5, 0.3])))

    return process


def spilt(share: float, colour: tuple[float, float, float], rim: float) -> Process:
    """Something spilt and dried: patches, darker at their rims by `rim` times what they take inside.

    Args:
        colour: of what is taken, how much is blue's, green's, red's.
    """

    def process(picture: Image, rng: np.random.Generator) -> Image:
        width = picture.shape[1]
        hills = bumps(picture, width / 7, rng) + 0.25 * bumps(picture, width / 50, rng) - 1.2
        edge = np.exp(-((hills / 0.06) ** 2))
        wet = np.clip(hills / 0.08, 0, 1) + rim * edge * (hills > -0.1)
        return shown(light_of(picture) * (1 - share * wet[..., None] * np.array(colour)).clip(0, 1))

    return process


def highlighter(strength: float) -> Process:
    """Three strokes of a yellow text marker, as somebody leaves them who checks a paper."""

    def process(picture: Image, rng: np.random.Generator) -> Image:
        x, y = places(picture)
        taken = np.zeros(picture.shape[:2], np.float32)
        for _ in range(3):
            left, top = rng.uniform(-0.3, 0.1), rng.uniform(-0.3, 0.3)
            slant, wide = rng.normal(0, 0.01), rng.uniform(0.006, 0.009)
            inside = (np.abs(y - top - slant * (x - left)) < wide) & (x > left) & (x < left + 0.3)
            taken = np.maximum(taken, cv2.GaussianBlur(inside.astype(np.float32), (0, 0), 2))
        return shown(light_of(picture) * (1 - strength * taken[..., None] * np.array([1, 0.1, 0.02])))

    return process
