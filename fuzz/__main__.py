"""Runs the targets one after the other, each for a time, from fresh seeds: `python -m fuzz --seconds 60`.

A target that fails leaves its input in `fuzz-findings/`; `python -m fuzz.harness TARGET FILE` repeats it.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from fuzz.seeds import seeds
from fuzz.targets import TARGETS

_MEMORY_MB = 1_500
_SECONDS_PER_INPUT = 25


def fuzz(name: str, seconds: int, findings: Path) -> tuple[int, int]:
    """Fuzzes one target; gives the number of inputs tried, and libFuzzer's exit status."""
    with tempfile.TemporaryDirectory() as folder:
        for kind in TARGETS[name].seeds:
            for number, content in enumerate(seeds(kind)):
                (Path(folder) / f"{kind}-{number}").write_bytes(content)
        options = [
            f"-max_total_time={seconds}",
            f"-rss_limit_mb={_MEMORY_MB}",
            f"-timeout={_SECONDS_PER_INPUT}",
            f"-artifact_prefix={findings}/{name}-",
            "-max_len=20000",
            "-seed=1",
            "-print_final_stats=1",
        ]
        done = subprocess.run(
            [sys.executable, "-m", "fuzz.harness", name, *options, folder],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    tried = re.search(r"number_of_executed_units:\s*(\d+)", done.stderr)
    if done.returncode != 0:
        print(done.stderr[-4000:], file=sys.stderr)
    return int(tried[1]) if tried else 0, done.returncode


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", choices=[*TARGETS, []], help="default: all")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    arguments = parser.parse_args()
    arguments.findings.mkdir(exist_ok=True)
    failed = False
    for name in arguments.targets or TARGETS:
        tried, status = fuzz(name, arguments.seconds, arguments.findings)
        print(
            f"{name:10} {arguments.seconds:4} s {tried:9} inputs  {'ok' if status == 0 else 'FAILED'}",
            flush=True,
        )
        failed = failed or status != 0
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
