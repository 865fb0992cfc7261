"""`python -m benchmarks.cases [--good N] [--bad N] [--jobs N] [--held-out] [--write]`"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from benchmarks.cases.run import Corpus, Result, start
from benchmarks.tables import publish, table
from scanservice.workers import Pool, WorkerDied

VERDICTS = ("pass", "review", "retake", "return", "error")
MOST_REASONS = 15


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--good", type=int, default=200)
    parser.add_argument("--bad", type=int, default=198)
    parser.add_argument("--seed", type=int, default=77)
    parser.add_argument("--forms", type=int, default=0, help="so many invented forms instead of the school's")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--held-out", action="store_true", help="by the hands that no calibration has seen")
    parser.add_argument("--keep", type=Path, help="write every result as a line of JSON")
    parser.add_argument("--write", action="store_true", help="keep the page in docs/benchmarks")
    options = parser.parse_args()
    results = _run(
        Corpus(options.good, options.bad, options.seed, options.held_out, options.forms), options.jobs
    )
    if options.keep:
        options.keep.write_text(
            "".join(json.dumps(asdict(result), ensure_ascii=False) + "\n" for result in results)
        )
    name = "cases" + ("-held-out" if options.held_out else "") + ("-invented" if options.forms else "")
    command = f"python -m benchmarks.cases --good {options.good} --bad {options.bad}"
    command += f" --seed {options.seed}" + (" --held-out" if options.held_out else "")
    command += f" --forms {options.forms}" if options.forms else ""
    publish(name, "Whole cases", command, _page(results), write=options.write)


def _run(corpus: Corpus, jobs: int) -> list[Result]:
    results: list[Result] = []
    count = corpus.good + corpus.bad
    with Pool(partial(start, corpus), jobs) as pool:
        for number, result in enumerate(pool.map(range(count))):
            if isinstance(result, WorkerDied):
                raise SystemExit(f"scan {number}: the process ended ({result.reason})")
            if result is not None:
                results.append(result)
            print(f"\r{number + 1} of {count}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return results


def _page(results: Sequence[Result]) -> list[str]:
    good = [result for result in results if result.defect is None]
    bad = [result for result in results if result.defect is not None]
    wrong = [result for result in bad if result.expected != "pass"]
    passed = sum(result.verdict == "pass" for result in wrong)
    named = sum(result.named for result in bad)
    times = sorted(result.total_ms for result in results if result.verdict != "error")
    return [
        f"Good scans that pass: {_share(good, lambda r: r.verdict == 'pass')}; "
        f"that are returned: {_share(good, lambda r: r.verdict == 'return')}.",
        f"Bad scans that pass: {passed} of {len(wrong)}; with the finding that names the defect: "
        f"{named} of {len(bad)}.",
        f"Median time of a check, in this run: {times[len(times) // 2]:.0f} ms." if times else "",
        "## Good scans, by hand",
        _by(good, lambda result: result.hand),
        "## Good scans, by picture",
        _by(good, lambda result: result.preset),
        "## What kept good scans from passing",
        _reasons(good),
        "## Bad scans, by defect",
        _by(bad, lambda result: result.defect or ""),
    ]


def _share(results: Sequence[Result], holds: Callable[[Result], bool]) -> str:
    count = sum(map(holds, results))
    return f"{count} of {len(results)} ({count / max(len(results), 1):.1%})"


def _by(results: Sequence[Result], key: Callable[[Result], str]) -> str:
    rows = []
    for value in sorted({key(result) for result in results}):
        group = [result for result in results if key(result) == value]
        counts = Counter(result.verdict for result in group)
        rows.append(
            [value, group[0].expected if group[0].defect else "pass", len(group)]
            + [counts[verdict] for verdict in VERDICTS]
            + [sum(result.named for result in group)]
        )
    return table(["", "expected", "scans", *VERDICTS, "named"], rows)


def _reasons(results: Sequence[Result]) -> str:
    counts = Counter(reason for result in results for reason in result.reasons)
    return table(["finding", "times"], counts.most_common(MOST_REASONS))


if __name__ == "__main__":
    main()
