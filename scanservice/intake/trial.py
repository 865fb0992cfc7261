"""How far the decoding process can be confined on this machine: tried, not guessed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import scanservice
from scanservice.intake.confine import Confinement, confine
from scanservice.intake.limits import Limits

_SECONDS = 30


def try_confinement() -> Confinement | None:
    """Confines a process as one that decodes would be; None where it does not live through that."""
    done = subprocess.run(
        [sys.executable, "-s", "-m", "scanservice.intake.trial"],
        env={"PYTHONPATH": str(Path(scanservice.__file__).parent.parent)},
        cwd="/",
        capture_output=True,
        timeout=_SECONDS,
        check=False,
    )
    answer = done.stdout.split()
    if done.returncode != 0 or len(answer) != 2:
        return None
    return Confinement(answer[0] == b"True", answer[1] == b"True")


if __name__ == "__main__":
    achieved = confine(Limits())
    print(achieved.unprivileged, achieved.filtered, flush=True)
