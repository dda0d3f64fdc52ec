"""The TIFF writer: every page that was acknowledged is in the file, whatever fails and whenever it stops."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import struct
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PIL.TiffImagePlugin import TiffImageFile

from faxhw.errors import StorageError
from faxhw.t4.encode import encode_page
from faxhw.terms import Coding, Resolution
from faxhw.tiff import TiffFax, TiffPage, pages_of
from tests.pages import PageBitmap, page_bitmaps

PAGES = page_bitmaps(4, width=256, rows=60)
CODINGS = (Coding.MH, Coding.MR, Coding.MMR, Coding.MH)


@cache
def tiff_page(number: int) -> TiffPage:
    page, coding = PAGES[number], CODINGS[number]
    data = encode_page(page.rows, coding, page.width, finish=False)
    return TiffPage(
        data=data, coding=coding, width=page.width, rows=page.height, resolution=Resolution.STANDARD
    )


def assert_holds(path: Path, expected: list[PageBitmap]) -> None:
    """The file holds exactly these pages; no file at all is no pages."""
    if expected or path.exists():
        assert [page.bitmap for page in pages_of(path)] == [page.bits for page in expected]


# ----------------------------------------------------------------------------------------------------------
# What is in it


def test_pages_and_tags(tmp_path: Path) -> None:
    path = tmp_path / "fax.tif"
    with TiffFax(path) as fax:
        fax.append(
            TiffPage(
                data=tiff_page(1).data,
                coding=Coding.MR,
                width=256,
                rows=60,
                resolution=Resolution.FINE,
                bad_rows=7,
                longest_bad_run=3,
                description="from +49 30\x1b[2J\r\n" + "x" * 1000,
                make="M\u00fcller",
                model="\x00",
                date=datetime(2024, 2, 29, 23, 59, 58, tzinfo=UTC),
            )
        )
        fax.append(tiff_page(2))
        assert fax.pages == 2
    with TiffImageFile(path) as image:
        tags: dict[int, Any] = dict(image.tag_v2)
        fixed = {254: 2, 256: 256, 257: 60, 259: 3, 262: 0, 266: 2, 278: 60, 292: 1, 296: 2, 297: (0, 0)}
        fax_tags = {326: 7, 327: 1, 328: 3}
        texts = {270: "from +49 30[2J" + "x" * 186, 271: "M?ller", 305: "faxhw", 306: "2024:02:29 23:59:58"}
        assert {tag: tags.get(tag) for tag in fixed | fax_tags | texts} == fixed | fax_tags | texts
        assert 272 not in tags  # nothing was left of it
        assert (tags[282], tags[283]) == (204, 196)
        image.seek(1)
        second: dict[int, Any] = dict(image.tag_v2)
        assert (second[259], second[293], second[297], second[327]) == (4, 0, (1, 0), 0)
        assert 292 not in second
        assert 306 not in second
    assert_holds(path, [PAGES[1], PAGES[2]])
    written = _tags_in_order(path.read_bytes())
    assert written == sorted(written)


def _tags_in_order(file: bytes) -> list[int]:
    (directory,) = struct.unpack_from("<I", file, 4)
    (count,) = struct.unpack_from("<H", file, directory)
    return [struct.unpack_from("<H", file, directory + 2 + 12 * entry)[0] for entry in range(count)]


@pytest.mark.parametrize("resolution", list(Resolution))
def test_resolution_is_in_inches(tmp_path: Path, resolution: Resolution) -> None:
    page = tiff_page(0)
    with TiffFax(tmp_path / "fax.tif") as fax:
        fax.append(TiffPage(data=page.data, coding=page.coding, width=256, rows=60, resolution=resolution))
    assert next(pages_of(tmp_path / "fax.tif")).dots_per_inch == (resolution.x, resolution.y)


def test_tiffinfo_has_nothing_to_complain_of(tmp_path: Path) -> None:
    tiffinfo = shutil.which("tiffinfo")
    if tiffinfo is None:
        pytest.skip("tiffinfo is missing: install the Debian package libtiff-tools")
    path = tmp_path / "fax.tif"
    with TiffFax(path) as fax:
        for number in range(4):
            fax.append(tiff_page(number))
    told = subprocess.run([tiffinfo, "-D", path], capture_output=True, text=True, check=True)
    assert told.stderr == ""
    assert told.stdout.count("=== TIFF directory") == 4
    assert "Fax Data: clean" in told.stdout


# ----------------------------------------------------------------------------------------------------------
# Names that cannot be used: told at once, nothing touched


def _refused(path: Path | str, *, replace: bool = True) -> str:
    with pytest.raises(StorageError) as caught:
        TiffFax(path, replace=replace)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_refuses_names_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "old.tif").write_bytes(b"old")
    (tmp_path / "link.tif").symlink_to(tmp_path / "nowhere.tif")
    os.mkfifo(tmp_path / "pipe.tif")
    nowhere = _refused(tmp_path / "none" / "fax.tif")
    assert "there is no directory" in nowhere
    assert nowhere.endswith("; make it first")
    assert _refused(tmp_path).endswith(": it is a directory; name a file in it")
    assert _refused(tmp_path / "pipe.tif").endswith(": it is not an ordinary file; name another")
    assert "symbolic link to nothing; remove it" in _refused(tmp_path / "link.tif")
    assert "exists already, and is not to be replaced; name another" in _refused(
        tmp_path / "old.tif", replace=False
    )
    assert "Not a directory" in _refused(tmp_path / "old.tif" / "fax.tif")
    assert "too long" in _refused(tmp_path / ("x" * 300))
    assert "null" in _refused("fax\0.tif")
    assert (tmp_path / "old.tif").read_bytes() == b"old"


def test_refuses_what_it_may_not_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked of ``os.access``, because for root everything may be written."""
    (tmp_path / "old.tif").write_bytes(b"old")
    monkeypatch.setattr("os.access", lambda path, _: Path(path) != tmp_path)
    assert "cannot be written; name another" in _refused(tmp_path / "fax.tif")
    monkeypatch.setattr("os.access", lambda path, _: Path(path) != tmp_path / "old.tif")
    assert "read-only; name another" in _refused(tmp_path / "old.tif")


def test_without_a_page_nothing_is_touched(tmp_path: Path) -> None:
    old = tmp_path / "old.tif"
    old.write_bytes(b"old")
    for name in ("old.tif", "new.tif"):
        with TiffFax(tmp_path / name) as fax:
            assert fax.pages == 0
    assert old.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [old]


def test_a_page_without_rows_is_refused(tmp_path: Path) -> None:
    with TiffFax(tmp_path / "fax.tif") as fax, pytest.raises(StorageError, match="empty"):
        fax.append(TiffPage(data=b"\0", coding=Coding.MH, width=1728, rows=0, resolution=Resolution.STANDARD))


def test_a_closed_fax_takes_no_page(tmp_path: Path) -> None:
    fax = TiffFax(tmp_path / "fax.tif")
    fax.append(tiff_page(0))
    fax.close()
    fax.close()
    with pytest.raises(StorageError, match="closed"):
        fax.append(tiff_page(1))


def test_permissions(tmp_path: Path) -> None:
    old = tmp_path / "old.tif"
    old.write_bytes(b"old")
    old.chmod(0o604)
    umask = os.umask(0o027)
    try:
        for name in ("old.tif", "new.tif"):
            with TiffFax(tmp_path / name) as fax:
                fax.append(tiff_page(0))
    finally:
        os.umask(umask)
    assert stat.S_IMODE(old.stat().st_mode) == 0o604
    assert stat.S_IMODE((tmp_path / "new.tif").stat().st_mode) == 0o640


def test_a_symbolic_link_stays(tmp_path: Path) -> None:
    (tmp_path / "old.tif").write_bytes(b"old")
    (tmp_path / "link.tif").symlink_to("old.tif")
    with TiffFax(tmp_path / "link.tif") as fax:
        fax.append(tiff_page(0))
    assert (tmp_path / "link.tif").is_symlink()
    assert_holds(tmp_path / "old.tif", PAGES[:1])


@pytest.mark.parametrize("replace", [True, False])
def test_a_file_that_appears_meanwhile_is_not_replaced(tmp_path: Path, replace: bool) -> None:
    path = tmp_path / "fax.tif"
    with TiffFax(path, replace=replace) as fax:
        path.write_bytes(b"another's")
        with pytest.raises(StorageError, match="has taken its name") as caught:
            fax.append(tiff_page(0))
    assert isinstance(caught.value.__cause__, OSError)
    assert path.read_bytes() == b"another's"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("there", [False, True])
def test_without_hard_links_nothing_is_replaced_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr("os.link", refuse)
    path = tmp_path / "fax.tif"
    with TiffFax(path, replace=False) as fax:
        if there:
            path.write_bytes(b"another's")
            with pytest.raises(StorageError, match="has taken its name"):
                fax.append(tiff_page(0))
        else:
            fax.append(tiff_page(0))
            assert_holds(path, PAGES[:1])


def test_two_faxes_are_not_stored_in_one_file(tmp_path: Path) -> None:
    path = tmp_path / "fax.tif"
    with TiffFax(path) as first, TiffFax(path) as second:
        first.append(tiff_page(0))
        with pytest.raises(StorageError, match="has taken its name"):
            second.append(tiff_page(1))
        assert "another fax is being stored in it" in _refused(path)
        first.append(tiff_page(2))
        assert_holds(path, [PAGES[0], PAGES[2]])
    with TiffFax(path) as third:
        assert "another fax is being stored in it" in _refused(path)
        third.append(tiff_page(3))
        assert "another fax is being stored in it" in _refused(path)
    assert_holds(path, [PAGES[3]])


def test_an_old_file_that_went_away_or_was_replaced_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "fax.tif"
    path.write_bytes(b"old")
    with TiffFax(path) as fax:
        path.unlink()
        path.write_bytes(b"another's")
        with pytest.raises(StorageError, match="has taken its name"):
            fax.append(tiff_page(0))
        path.unlink()
        fax.append(tiff_page(0))
    assert_holds(path, PAGES[:1])


def test_a_file_system_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", refuse)
    (tmp_path / "fax.tif").write_bytes(b"old")
    with TiffFax(tmp_path / "fax.tif") as fax:
        fax.append(tiff_page(0))
    assert_holds(tmp_path / "fax.tif", PAGES[:1])


def test_the_owner_of_a_file_that_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken_over: list[tuple[int, int]] = []
    monkeypatch.setattr("os.fchown", lambda file, uid, gid: taken_over.append((uid, gid)))
    old = tmp_path / "fax.tif"
    old.write_bytes(b"old")
    owner = old.stat()
    with TiffFax(old) as fax:
        fax.append(tiff_page(0))
    assert taken_over == [(-1, owner.st_gid), (owner.st_uid, -1)]


@pytest.mark.parametrize("replaced", [False, True])
def test_a_file_that_was_taken_away_takes_no_page(tmp_path: Path, replaced: bool) -> None:
    path = tmp_path / "fax.tif"
    with TiffFax(path) as fax:
        fax.append(tiff_page(0))
        path.unlink()
        if replaced:
            path.write_bytes(b"another's")
        with pytest.raises(StorageError):
            fax.append(tiff_page(1))
        assert fax.pages == 1
    assert not replaced or path.read_bytes() == b"another's"


# ----------------------------------------------------------------------------------------------------------
# Every operation fails in turn

DISK = ("open", "pwrite", "fsync", "fdatasync", "replace", "link", "unlink", "ftruncate", "fchmod")


@dataclass
class Saboteur:
    """Lets disk operations fail: the one with number ``fails``, and the ``length`` - 1 after it."""

    fails: int
    length: int
    error: int
    half_done: bool = False
    """Whether a failing write gets half of its octets to the disk."""
    done: list[str] = field(default_factory=list)

    def hook(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in DISK:
            monkeypatch.setattr(os, name, self._wrapped(name, getattr(os, name)))

    def _wrapped(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def operation(*arguments: Any, **named: Any) -> Any:
            self.done.append(name)
            if self.fails <= len(self.done) - 1 < self.fails + self.length:
                if name == "pwrite" and self.half_done:
                    real(arguments[0], arguments[1][: len(arguments[1]) // 2], arguments[2])
                raise OSError(self.error, os.strerror(self.error))
            return real(*arguments, **named)

        return operation


def _store_all(path: Path, saboteur: Saboteur, *, replace: bool, check: bool) -> list[int]:
    """Append four pages, each tried twice; the numbers of those that were acknowledged."""
    acknowledged: list[int] = []
    with TiffFax(path, replace=replace) as fax:
        for number in range(4):
            for _ in range(2):
                try:
                    fax.append(tiff_page(number))
                except StorageError:
                    if check:
                        assert_holds(path, [PAGES[each] for each in acknowledged])
                else:
                    acknowledged.append(number)
                    assert_holds(path, [PAGES[each] for each in acknowledged])
                    break
            assert fax.pages == len(acknowledged)
    return acknowledged


@pytest.mark.parametrize("replace", [True, False])
@pytest.mark.parametrize(
    ("error", "half_done"), [(errno.ENOSPC, True), (errno.EIO, False), (errno.EDQUOT, True)]
)
def test_each_operation_fails_in_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int, half_done: bool, replace: bool
) -> None:
    most = 60
    for fails in range(most):
        path = tmp_path / str(fails) / "fax.tif"
        path.parent.mkdir()
        saboteur = Saboteur(fails, 1, error, half_done)
        with monkeypatch.context() as patch:
            saboteur.hook(patch)
            assert _store_all(path, saboteur, replace=replace, check=True) == [0, 1, 2, 3]
        assert_holds(path, PAGES)
        assert list(path.parent.iterdir()) == [path] or saboteur.done[fails] == "unlink"
        if len(saboteur.done) <= fails:
            return
    pytest.fail(f"more than {most} operations for four pages")


@pytest.mark.parametrize("length", [2, 3, 5])
def test_several_operations_fail_in_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    """Undoing fails as well: what was acknowledged is there all the same, in order, and the file is valid."""
    for fails in range(40):
        path = tmp_path / str(fails) / "fax.tif"
        path.parent.mkdir()
        with monkeypatch.context() as patch:
            saboteur = Saboteur(fails, length, errno.EIO, half_done=True)
            saboteur.hook(patch)
            acknowledged = _store_all(path, saboteur, replace=True, check=False)
        assert_holds(path, [PAGES[number] for number in acknowledged])


def test_an_old_file_stays_until_the_first_page_is_safe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "fax.tif"
    for fails in range(5):
        path.write_bytes(b"old")
        with monkeypatch.context() as patch, TiffFax(path) as fax:
            Saboteur(fails, 1, errno.ENOSPC).hook(patch)
            try:
                fax.append(tiff_page(0))
            except StorageError:
                assert path.read_bytes() == b"old"
            else:
                assert fails == 1  # permissions are taken over if they can be
                assert_holds(path, PAGES[:1])
        assert list(tmp_path.iterdir()) == [path]
