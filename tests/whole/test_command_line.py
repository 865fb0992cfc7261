"""The commands as the contract has them: output, exit codes, one line for input that cannot be read."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
GOOD = ROOT / "fixtures" / "good-flatbed-pdf"
FAULTY = ROOT / "fixtures" / "student-signature-missing"


def scans(folder):
    return [path for path in sorted(folder.iterdir()) if path.suffix != ".json"]


def run(*arguments, cwd=ROOT):
    command = [sys.executable, "-m", "scanservice", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300)


def without_timings(text):
    verdict = json.loads(text)
    del verdict["timings_ms"]
    return verdict


def test_check_passes_with_0_and_gives_the_same_verdict_twice():
    first, second = (run("check", *scans(GOOD), "--case", GOOD / "case.json", "--json") for _ in range(2))
    assert first.returncode == 0, first.stdout + first.stderr
    assert json.loads(first.stdout)["verdict"] == "pass"
    assert without_timings(first.stdout) == without_timings(second.stdout)


def test_check_says_in_words_what_is_wrong_and_leaves_with_1(tmp_path):
    report = tmp_path / "report"
    done = run("check", *scans(FAULTY), "--case", FAULTY / "case.json", "--report", report)
    assert done.returncode == 1
    assert "student-signature-missing" in done.stdout
    assert "→" in done.stdout
    page = (report / "report.html").read_text()
    # What base64 spells by accident is no address.
    written = re.sub(r"data:[a-z/]+;base64,[A-Za-z0-9+/=]+", "", page)
    assert "http" not in written.replace("http-equiv", "")
    assert (report / "page-1.jpg").read_bytes().startswith(b"\xff\xd8")


def test_words_come_in_english_and_codes_stay():
    zh, en = (
        json.loads(
            run("check", *scans(FAULTY), "--case", FAULTY / "case.json", "--json", "--lang", lang).stdout
        )
        for lang in ("zh-CN", "en")
    )
    assert [f["code"] for f in zh["findings"]] == [f["code"] for f in en["findings"]]
    assert zh["findings"][0]["message"] != en["findings"][0]["message"]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.jpg", b"", "file-empty"),
        ("text.pdf", "不是 PDF".encode(), "file-unsupported"),
        ("torn.jpg", None, "file-truncated"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line_and_2(tmp_path, name, content, code):
    path = tmp_path / name
    path.write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" if content is None else content)
    done = run("check", path, "--case", GOOD / "case.json", "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert name in done.stderr
    assert "Traceback" not in done.stderr
    assert code in done.stderr or content is None


@pytest.mark.parametrize("arguments", [("absent.jpg",), (GOOD / "case.json",)])
def test_what_is_not_there_or_no_picture_is_one_line_and_2(arguments):
    done = run("check", *arguments, "--case", GOOD / "case.json")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_a_case_with_errors_names_them_all(tmp_path):
    path = tmp_path / "case.json"
    path.write_text(json.dumps({"case": "c", "student": {"nick": "x"}, "workflow": {"state": "lost"}}))
    done = run("check", *scans(GOOD), "--case", path)
    assert done.returncode == 2
    for place in ("student.name", "student.nick", "workflow.state"):
        assert place in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_template_with_errors_names_them_all(tmp_path):
    package = tmp_path / "form"
    package.mkdir()
    (package / "template.yaml").write_text("format: 1\nid: form\nblank: none.pdf\npages: []\nextra: 1\n")
    done = run("check", *scans(GOOD), "--case", GOOD / "case.json", "--templates", tmp_path)
    assert done.returncode == 2
    for place in ("title", "pages", "extra", "blank"):
        assert place in done.stderr


@pytest.fixture
def manifest(tmp_path):
    case = json.loads((GOOD / "case.json").read_text())
    (tmp_path / "empty.pdf").write_bytes(b"")
    lines = [
        json.dumps({"id": "good", "scans": [str(scans(GOOD)[0])], "case": case}),
        "{not json",
        json.dumps({"id": "empty", "scans": ["empty.pdf"], "case": case}),
        "",
        json.dumps({"id": "absent", "scans": ["no.pdf"], "case": "no.json"}),
        json.dumps({"id": "odd", "scans": [], "case": case, "more": 1}),
        json.dumps(
            {"id": "last", "scans": [str(path) for path in scans(FAULTY)], "case": str(FAULTY / "case.json")}
        ),
    ]
    path = tmp_path / "manifest.jsonl"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_batch_goes_on_after_lines_that_fail_and_resumes_where_it_was_cut(manifest, tmp_path):
    out = tmp_path / "results.jsonl"
    done = run("batch", manifest, "--out", out, "--jobs", 2, cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    results = [json.loads(line) for line in out.read_text().splitlines()]
    assert [result["id"] for result in results] == ["good", None, "empty", "absent", "odd", "last"]
    assert [result.get("error", {}).get("code") for result in results] == [
        None,
        "manifest-invalid",
        "file-empty",
        "file-missing",
        "manifest-invalid",
        None,
    ]
    whole = out.read_bytes()
    first_lines = whole.split(b"\n")
    out.write_bytes(b"\n".join(first_lines[:3]) + b"\n" + first_lines[3][:9])
    again = run("batch", manifest, "--out", out, "--resume", cwd=tmp_path)
    assert again.returncode == 1
    resumed = [json.loads(line) for line in out.read_text().splitlines()]
    for result in [*results, *resumed]:
        result.get("verdict", {}).pop("timings_ms", None)
    assert resumed == results


def test_batch_does_not_resume_another_manifests_results(manifest, tmp_path):
    out = tmp_path / "results.jsonl"
    out.write_text('{"id": "other", "verdict": {}}\n')
    done = run("batch", manifest, "--out", out, "--resume", cwd=tmp_path)
    assert done.returncode == 2
    assert out.read_text().startswith('{"id": "other"')
