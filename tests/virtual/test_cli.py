"""Whole calls by shell command, on the virtual modem."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageSequence

from faxhw.cli.commands import faxhw
from faxhw.cli.shell import Exit, execute
from tests.pages import page_bitmap, page_bitmaps


def run(*arguments: object) -> Exit:
    return execute(faxhw, [str(each) for each in arguments])


def test_a_fax_of_several_pages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "in.tif"
    assert run("receive", "sim:fax?pages=4", target, "--json", "--option", "v17=NO") == Exit.NORMAL
    result = json.loads(capsys.readouterr().out)
    assert [page["receive_quality"] for page in result["pages"]] == ["GOOD"] * 4
    assert result["negotiated"]["Modem"] == "V.29"
    with Image.open(target) as fax:
        assert sum(1 for _ in ImageSequence.Iterator(fax)) == 4


@pytest.mark.parametrize(
    ("scenario", "cause"), [("voice", "NOTFAX"), ("silence", "NOTFAX"), ("data", "NOTFAX"), ("cut", "HANGUP")]
)
def test_a_call_that_goes_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], scenario: str, cause: str
) -> None:
    target = tmp_path / "in.tif"
    assert run("receive", f"sim:{scenario}", target, "--json") == Exit.FAILED
    said = capsys.readouterr()
    result = json.loads(said.out)
    assert result["cause"] == cause
    assert cause in said.err
    assert target.exists() == bool(result["pages"])


def test_a_line_on_which_nobody_calls(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("receive", "sim:no-answer", tmp_path / "in.tif", "--timeout", 30) == Exit.NO_CALL
    assert "faxhw: sim:no-answer: no call within 30 s" in capsys.readouterr().err


def test_a_line_on_which_nothing_will_ever_happen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("receive", "sim:no-answer", tmp_path / "in.tif") == Exit.FAILED
    assert "the simulation is stuck" in capsys.readouterr().err


def test_send(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (bitmap,) = page_bitmaps(1)
    letter = tmp_path / "letter.png"
    bitmap.image().save(letter)
    assert run("send", "sim:", "5550200", letter, "--json") == Exit.NORMAL
    pages = json.loads(capsys.readouterr().out)["pages"]
    assert [page["confirmed"] for page in pages] == [True]


@pytest.mark.parametrize(
    ("scenario", "cause"), [("busy", "BUSY"), ("no-answer", "NOANSWER"), ("no-dialtone", "OUTOFORDER")]
)
def test_a_number_that_cannot_be_had(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], scenario: str, cause: str
) -> None:
    (bitmap,) = page_bitmaps(1)
    letter = tmp_path / "letter.png"
    bitmap.image().save(letter)
    assert run("send", f"sim:{scenario}", "5550200", letter) == Exit.NO_CALL
    assert f"did not answer, {cause}" in capsys.readouterr().err


def test_a_document_that_was_cut_short_is_told_in_one_line(tmp_path: Path) -> None:
    """Though libtiff, a C library, has words of its own for standard error."""
    whole, cut = tmp_path / "whole.tif", tmp_path / "cut.tif"
    first, *more = [page_bitmap("text", rows=400, seed=number).image() for number in range(4)]
    first.save(whole, save_all=True, append_images=more, compression="group4")
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    command = [sys.executable, "-m", "faxhw", "send", "sim:", "5550200", str(cut)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == Exit.USAGE
    assert ended.stderr.startswith(f"faxhw: cannot read '{cut}'")
    assert ended.stderr.count("\n") == 1
    assert ended.stdout == ""


def test_a_fax_is_polled(tmp_path: Path) -> None:
    target = tmp_path / "in.tif"
    assert run("receive", "sim:polling?pages=2", target, "--poll", "5550200") == Exit.NORMAL
    with Image.open(target) as fax:
        assert sum(1 for _ in ImageSequence.Iterator(fax)) == 2


def test_where_nothing_is_held_ready(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("receive", "sim:", tmp_path / "in.tif", "--poll", "5550200") == Exit.FAILED
    assert "cannot be polled" in capsys.readouterr().err
    assert run("receive", "sim:", tmp_path / "in.tif", "--poll", "no number!") == Exit.USAGE


def test_a_report_fits_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("probe", "sim:?model=usr") == Exit.NORMAL
    said = capsys.readouterr().out.splitlines()
    assert max(map(len, said)) <= 80
    assert {"Fax", "Line", "What is wrong, and what to do"} < set(said)
    assert run("probe", "sim:?model=usr", "--json") == Exit.NORMAL
    report = json.loads(capsys.readouterr().out)
    assert report["flow_taken"] == {"&H0&I0&R1": True, "&H1&I0&R2": True, "&H2&I2&R1": True}
    assert report["findings"] == []
