"""One target in this process, under libFuzzer: `python -m fuzz.harness TARGET [libFuzzer's options]`."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["scanservice.intake", "PIL"]):
    from fuzz.targets import TARGETS
    from scanservice.intake.refusal import Refusal


def main() -> None:
    target = TARGETS[sys.argv[1]]

    def test_one_input(data: bytes) -> None:
        try:
            target.run(target.magic + bytes(data[len(target.magic) :]))
        except Refusal:
            return

    atheris.Setup([sys.argv[0], *sys.argv[2:]], test_one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
