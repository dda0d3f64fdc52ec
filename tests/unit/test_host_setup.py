"""Files put into a host and taken out again, below a prefix: exactly, again, and against odds."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from faxhw.errors import StorageError, UsageError
from faxhw.host.record import FOLDER
from faxhw.host.setup import Deed, HostSetup

RULES, UNIT = "/etc/udev/rules.d/70.rules", "/etc/systemd/system/fax.service"
FILES = {RULES: b"rules\n", UNIT: b"unit\n"}


class Bench:
    """A host below a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def at(self, target: str) -> Path:
        return self.root / target.lstrip("/")

    def put(self, target: str, text: bytes) -> Path:
        path = self.at(target)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
        return path

    def apply(self, files: dict[str, bytes] | None = None) -> list[Deed]:
        setup = HostSetup(self.root, FILES if files is None else files)
        steps = setup.plan()
        setup.apply(steps)
        return [step.deed for step in steps]

    def undo(self) -> list[Deed]:
        setup = HostSetup(self.root, FILES)
        steps = setup.plan_undo()
        setup.undo(steps)
        return [step.deed for step in steps]

    def tree(self) -> dict[str, tuple[int, bytes | str]]:
        """Everything that is there, with modes."""
        return {
            str(path.relative_to(self.root)): (
                path.lstat().st_mode,
                str(path.readlink()) if path.is_symlink() else path.read_bytes() if path.is_file() else b"",
            )
            for path in self.root.rglob("*")
        }

    def files(self) -> dict[str, tuple[int, bytes | str]]:
        """The same without folders: made just before the end, they may stay."""
        return {name: what for name, what in self.tree().items() if what[1]}


@pytest.fixture
def host(tmp_path: Path) -> Bench:
    root = tmp_path / "host"
    root.mkdir()
    return Bench(root)


def test_apply_again_and_undo(host: Bench) -> None:
    host.put("/etc/other", b"theirs")
    before = host.tree()
    assert host.apply() == [Deed.CREATE, Deed.CREATE]
    assert {target: host.at(target).read_bytes() for target in FILES} == FILES
    assert host.at(RULES).stat().st_mode & 0o777 == 0o644
    after = host.tree()
    assert host.apply() == [Deed.NOTHING, Deed.NOTHING]
    assert host.tree() == after
    assert host.undo() == [Deed.REMOVE, Deed.REMOVE]
    assert host.tree() == before
    assert host.undo() == []


def test_looking_changes_nothing(host: Bench) -> None:
    host.put(RULES, b"theirs\n")
    before = host.tree()
    steps = HostSetup(host.root, FILES).plan()
    assert [step.deed for step in steps] == [Deed.REPLACE, Deed.CREATE]
    assert steps[0].difference()[2:] == ["@@ -1 +1 @@", "-theirs", "+rules"]
    assert steps[1].difference()[-1] == "+unit"
    assert host.tree() == before


def test_what_was_replaced_is_put_back_with_its_permissions(host: Bench) -> None:
    host.put(RULES, b"their \xff rules").chmod(0o600)
    before = host.tree()
    host.apply()
    kept = host.at(FOLDER) / "etc-udev-rules.d-70.rules"
    assert (kept.read_bytes(), kept.stat().st_mode & 0o777) == (b"their \xff rules", 0o600)
    assert host.undo() == [Deed.PUT_BACK, Deed.REMOVE]
    assert host.tree() == before


def test_a_masked_unit_is_masked_again(host: Bench) -> None:
    host.at(UNIT).parent.mkdir(parents=True)
    host.at(UNIT).symlink_to("/dev/null")
    before = host.tree()
    host.apply()
    assert not host.at(UNIT).is_symlink()
    host.undo()
    assert host.tree() == before


def test_an_update_is_undone_to_what_was_there_at_first(host: Bench) -> None:
    host.put(RULES, b"theirs")
    before = host.tree()
    host.apply()
    assert host.apply({**FILES, RULES: b"new rules\n"}) == [Deed.UPDATE, Deed.NOTHING]
    assert host.at(RULES).read_bytes() == b"new rules\n"
    host.undo()
    assert host.tree() == before


def test_what_was_changed_since_is_left_and_told_of(host: Bench) -> None:
    host.put(RULES, b"theirs")
    host.apply()
    changed = host.put(RULES, b"rules, bettered\n")
    assert host.apply({**FILES, RULES: b"new rules\n"}) == [Deed.LEAVE, Deed.NOTHING]
    assert host.undo() == [Deed.LEAVE, Deed.REMOVE]
    assert changed.read_bytes() == b"rules, bettered\n"
    assert not host.at(UNIT).exists()
    assert host.undo() == [Deed.LEAVE], "it stays known"
    changed.unlink()
    assert host.undo() == [Deed.PUT_BACK]
    assert changed.read_bytes() == b"theirs"
    assert not host.at(FOLDER).exists()


def test_what_was_as_wanted_already_is_not_ours(host: Bench) -> None:
    host.put(RULES, FILES[RULES])
    assert host.apply() == [Deed.NOTHING, Deed.CREATE]
    host.undo()
    assert host.at(RULES).read_bytes() == FILES[RULES]


def test_what_the_admin_removed_is_made_again(host: Bench) -> None:
    host.apply()
    host.at(RULES).unlink()
    assert host.apply() == [Deed.CREATE, Deed.NOTHING]
    host.undo()
    assert host.tree() == {}


def test_folders_that_others_use_stay(host: Bench) -> None:
    host.apply()
    other = host.put("/etc/udev/rules.d/99-other.rules", b"")
    host.undo()
    assert {*host.root.rglob("*")} == {other, *(each for each in other.parents if host.root in each.parents)}


def test_a_folder_in_place_of_a_file_is_refused(host: Bench) -> None:
    host.at(UNIT).mkdir(parents=True)
    before = host.tree()
    with pytest.raises(UsageError, match=r"fax\.service is neither a file nor a link"):
        host.apply()
    assert host.tree() == before


def test_a_file_in_place_of_a_folder_is_told_of(host: Bench) -> None:
    host.put("/etc/udev", b"")
    before = host.tree()
    with pytest.raises(StorageError, match="Not a directory"):
        host.apply()
    assert host.tree() == before


@pytest.mark.parametrize(
    "record", [b"", b"[]", b'{"files": {"/x": {}}, "folders": []}', b"\xff", b'{"files": 1}']
)
def test_a_damaged_record_is_told_of(host: Bench, record: bytes) -> None:
    host.apply()
    host.put(f"{FOLDER}/record.json", record)
    for attempt in (host.apply, host.undo):
        with pytest.raises(StorageError, match=r"record\.json is damaged: put .* back by hand"):
            attempt()


def test_a_copy_that_is_gone_is_told_of(host: Bench) -> None:
    host.put(RULES, b"theirs")
    host.apply()
    (host.at(FOLDER) / "etc-udev-rules.d-70.rules").unlink()
    with pytest.raises(StorageError, match="is missing: it was to be put back"):
        host.undo()
    assert host.at(RULES).read_bytes() == FILES[RULES]


def failing(nth: int, real: Callable[..., object], error: BaseException) -> Callable[..., object]:
    """``real``, of which the nth call fails."""
    calls = iter(range(1, 1000))

    def call(*arguments: object, **words: object) -> object:
        if next(calls) == nth:
            raise error
        return real(*arguments, **words)

    return call


@pytest.mark.parametrize("nth", range(1, 5))
@pytest.mark.parametrize(
    ("writing", "code"), [((os, "fsync"), errno.ENOSPC), ((tempfile, "mkstemp"), errno.EROFS)]
)
def test_on_a_full_or_read_only_disk_nothing_is_changed(
    host: Bench, monkeypatch: pytest.MonkeyPatch, writing: tuple[ModuleType, str], code: int, nth: int
) -> None:
    """Four files are written: the record, what is replaced, and two."""
    host.put(RULES, b"theirs")
    before = host.tree()
    with monkeypatch.context() as patch:
        refused = failing(nth, getattr(*writing), OSError(code, os.strerror(code)))
        patch.setattr(*writing, refused)
        with pytest.raises(StorageError, match=f"cannot be written: {os.strerror(code)}"):
            host.apply()
    assert host.tree() == before
    assert host.apply() == [Deed.REPLACE, Deed.CREATE]


class Killed(BaseException):
    """The end of the process."""


@pytest.mark.parametrize("then", ["apply", "undo"])
@pytest.mark.parametrize("nth", range(1, 5))
def test_cut_short_it_is_finished_or_undone(
    host: Bench, monkeypatch: pytest.MonkeyPatch, nth: int, then: str
) -> None:
    host.put(RULES, b"theirs")
    before = host.files()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", failing(nth, Path.replace, Killed()))
        with pytest.raises(Killed):
            host.apply()
    if then == "apply":
        host.apply()
        assert {target: host.at(target).read_bytes() for target in FILES} == FILES
    host.undo()
    assert host.files() == before


@pytest.mark.parametrize("nth", range(1, 5))
def test_undoing_cut_short_is_finished_by_undoing_again(
    host: Bench, monkeypatch: pytest.MonkeyPatch, nth: int
) -> None:
    host.put(RULES, b"theirs")
    before = host.files()
    host.apply()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", failing(nth, Path.unlink, Killed()))
        patch.setattr(Path, "rmdir", failing(nth, Path.rmdir, Killed()))
        with pytest.raises(Killed):
            host.undo()
    host.undo()
    assert host.files() == before
