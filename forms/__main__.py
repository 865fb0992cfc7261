"""`python -m forms`: draws every form again, into templates/."""

from __future__ import annotations

import argparse
from pathlib import Path

from forms import ouc_2018, ouc_2019, sd_electronic, upc_2019
from forms.publish import publish

FORMS = (ouc_2019, ouc_2018, upc_2019, sd_electronic)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m forms", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent.parent / "templates")
    out: Path = parser.parse_args().out
    for module in FORMS:
        form = module.form()
        publish(form, out / form.id)
        print(out / form.id)


if __name__ == "__main__":
    main()
