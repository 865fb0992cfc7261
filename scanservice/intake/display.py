"""A page as it is shown to people: small enough, and nothing in it but pixels."""

from __future__ import annotations

import cv2
import numpy as np

from scanservice.geometry import Image


def display_jpeg(image: Image, max_side: int = 1600, quality: int = 80) -> bytes:
    """A JPEG of an image, without any metadata (place, device, time) of the file it came from.

    Args:
        image: H x W x 3 (BGR) or H x W, uint8.
        max_side: its longer edge is reduced to this many pixels; a smaller image stays as it is.
        quality: 1 to 100, as libjpeg counts.
    """
    longer = max(image.shape[:2])
    if longer > max_side:
        size = (
            max(1, round(image.shape[1] * max_side / longer)),
            max(1, round(image.shape[0] * max_side / longer)),
        )
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    made, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not made:
        raise ValueError("an image without pixels cannot be shown")
    return encoded.tobytes()
