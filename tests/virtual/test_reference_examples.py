"""Every example of the documented contract runs as it is printed there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from faxhw import Error, FaxToReceive, FaxToSend, Hangup
from faxhw_drivers.sim import Tone
from tests.reference import examples

from .calls import OURS, Setting, drawn, pixels, setting, text_pages

Before = Callable[[Setting, Path], dict[str, object]]
"""What stands before an example: it makes the call, and the names that the example takes for given."""


def incoming(this: Setting, folder: Path) -> dict[str, object]:
    my_fax = FaxToReceive()
    my_fax.set_file_name(str(folder / "my_fax.tif"))
    return {"channel": this.rings_with(2), "my_fax": my_fax}


def receiving(this: Setting, folder: Path) -> dict[str, object]:
    names = incoming(this, folder)
    assert this.channel.FaxReceiver.start(names["my_fax"]) is True  # type: ignore[arg-type]
    return names


def receiving_a_voice(this: Setting, _: Path) -> dict[str, object]:
    this.station.call(OURS, Tone.VOICE)
    assert this.answered().FaxReceiver.start(filename="nothing.tif") is True
    return {"channel": this.channel}


def outgoing(this: Setting, folder: Path) -> dict[str, object]:
    first, *more = [page.image() for page in text_pages(2)]
    first.save(folder / "my_fax.tiff", save_all=True, append_images=more)
    document = FaxToSend(str(folder / "my_fax.tiff"))
    return {"channel": this.dialled(), "my_fax": document, "fax_to_send": document}


@dataclass(frozen=True)
class Example:
    """How an example is run: known by its first words, in the order of the text."""

    begins: str
    before: Before
    prints: str = ""
    raises: type[Exception] | None = None
    message: str = ""
    cause: str = "NORMAL"
    receives: str = ""
    """The file that the example leaves, with both pages."""


EXAMPLES = (
    Example("fax_options = {", outgoing, raises=Error, message="MinDataRate", cause="INCONSISTENT_OPTIONS"),
    Example(
        "cause = channel.FaxReceiver.wait_until_finished()",
        receiving_a_voice,
        raises=Hangup,
        message="not a fax machine",
        cause="NOTFAX",
    ),
    Example("cause = channel.FaxSender.send(my_fax, fax_options=", outgoing),
    Example("# receive a fax", incoming, prints="the fax job ended normally", receives="my_inbound_fax.tif"),
    Example("cause = channel.FaxReceiver.start(my_fax, fax_options=", incoming, cause="NONE"),
    Example(
        "# Start a fax receive", incoming, prints="the fax job ended normally", receives="my_inbound_fax.tif"
    ),
    Example("# Start a fax receive", incoming, cause="ABORTED"),
    Example("negotiated_settings", receiving, prints="DataRate : 14400", cause="NONE"),
    Example(
        "# We can wait for each page", receiving, prints="Received 2 pages so far", receives="my_fax.tif"
    ),
    Example("# Start a fax receive", incoming, prints="the fax job ended normally", receives="my_fax.tif"),
    Example("# create the fax document object", outgoing),
)


def test_every_example_of_the_text_is_run() -> None:
    texts = examples()
    assert len(texts) == len(EXAMPLES)
    assert all(text.startswith(each.begins) for text, each in zip(texts, EXAMPLES, strict=True))


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_example(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text, example = examples()[number], EXAMPLES[number]
    with setting() as this:
        names = {
            "FaxToReceive": FaxToReceive,
            "FaxToSend": FaxToSend,
            "Error": Error,
            "Hangup": Hangup,
            **example.before(this, tmp_path),
        }
        code = compile(text, f"example {number}", "exec")
        if example.raises is not None:
            with pytest.raises(example.raises, match=example.message):
                exec(code, names)
        else:
            exec(code, names)
        fax = this.channel.FaxReceiver if "FaxReceiver" in text else this.channel.FaxSender
        assert fax.cause() == example.cause
    assert example.prints in capsys.readouterr().out
    if example.receives:
        assert pixels(tmp_path / example.receives) == drawn(text_pages(2))
