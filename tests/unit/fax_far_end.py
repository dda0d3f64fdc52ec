"""A far end that asks for formats as the T.30 engine does, and documents that try them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw

from faxhw.fax.documents import FaxToSend
from faxhw.session import (
    FormatWanted,
    Negotiated,
    NextStep,
    Outcome,
    OutgoingPage,
    PageSent,
    PageWanted,
    Refused,
    RemoteInfo,
    Session,
    Status,
)
from faxhw.t4.decode import PageDecoder
from faxhw.t4.rows import Row, bitmap_from_rows, rows_from_bitmap
from faxhw.terms import (
    Coding,
    Family,
    Format,
    Formats,
    Modulation,
    PageLength,
    PageWidth,
    Parameters,
    Resolution,
    Settings,
)

from .fax_bench import PARAMETERS, FakeDevice, Script

EVERYTHING = Settings(
    resolutions=frozenset(Resolution), codings=frozenset(Coding), ecm=True, width=PageWidth.A3, max_rate=14400
)
USUAL = Formats(
    frozenset(Coding), frozenset({Resolution.STANDARD, Resolution.FINE}), PageWidth.A4, PageLength.UNLIMITED
)


@dataclass
class FarEnd:
    """A session whose far end asks for formats as the T.30 engine does, and takes whatever comes."""

    formats: Formats = USUAL
    rate: int = 14400
    min_scan_time: float = 0.0
    answers: list[str] = field(default_factory=list)
    """MCF, RTN (and training anew), or HANGUP, for each page in turn; then MCF."""
    chosen: list[Format] = field(default_factory=list)
    steps: list[NextStep] = field(default_factory=list)
    pages: list[Image.Image] = field(default_factory=list)
    data: list[bytes] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    """How long the job took to come up with each page."""

    def __call__(self, device: FakeDevice, settings: Settings) -> Session:
        verdicts = iter(self.answers)
        device.wait(3)
        again = False
        form: Format | None = None
        while True:
            if form is None:
                chosen = yield FormatWanted(self.formats)
                assert isinstance(chosen, Format)
                self.chosen.append(chosen)
                form = chosen
                device.wait(3)
                yield Negotiated(self._parameters(form))
            began = device.clock.monotonic()
            page = yield PageWanted(self._parameters(form), again=again)
            self.waited.append(device.clock.monotonic() - began)
            assert isinstance(page, OutgoingPage)
            self._take(page, form)
            device.wait(10)
            answer = next(verdicts, "MCF")
            if answer == "HANGUP":
                return Outcome(Status.LINE_DROPPED, line_up=False)
            refused = answer == "RTN"
            goes_on = (yield PageSent(confirmed=not refused)) is Refused.GO_ON
            again = refused and not goes_on
            if page.next_step is NextStep.NO_MORE and not again:
                return Outcome(Status.PAGE_QUALITY if refused else Status.NORMAL)
            if refused or page.next_step is NextStep.MORE_DOCUMENTS:
                form = None

    def _parameters(self, form: Format) -> Parameters:
        return Parameters(
            Modulation(Family.V17, self.rate),
            form.coding,
            form.resolution,
            form.width,
            form.length,
            min_scan_time=self.min_scan_time,
            ecm=not self.min_scan_time,
        )

    def _take(self, page: OutgoingPage, form: Format) -> None:
        width = form.width.dots(form.resolution)
        decoder = PageDecoder(form.coding, width)
        data = b"".join(page.data)
        decoder.feed(data)
        decoded = decoder.finish()
        assert decoded.report.complete
        assert not decoded.report.bad_rows
        bitmap = bitmap_from_rows(decoded.rows, width)
        self.steps.append(page.next_step)
        self.data.append(data)
        self.pages.append(Image.frombytes("1", (width, len(decoded.rows)), bitmap, "raw", "1;I"))


def drawn(height: int = 200, mark: int = 0) -> Image.Image:
    """A bilevel page with lines on it, black on white."""
    image = Image.new("1", (1728, height), 255)
    pen = ImageDraw.Draw(image)
    pen.rectangle((100 + mark, 20, 300, 60), fill=0)
    pen.line((0, 0, 1727, height - 1), fill=0, width=3)
    return image


def saved(path: Path, *pages: Image.Image, dpi: tuple[int, int] = (204, 98)) -> FaxToSend:
    pages[0].save(path, format="TIFF", compression="group4", save_all=True, append_images=pages[1:], dpi=dpi)
    return FaxToSend(path)


def rows_of(image: Image.Image) -> list[Row]:
    return rows_from_bitmap(ImageChops.invert(image).tobytes(), image.width)


def taking(
    heard: list[tuple[list[Row], NextStep]], *answers: bool, parameters: Parameters = PARAMETERS
) -> Script:
    """A session whose far end takes pages, and confirms or refuses each as ``answers`` say, then all."""

    def script(device: FakeDevice, settings: Settings) -> Session:
        yield RemoteInfo(ident="999", capabilities={"ECM": False})
        yield Negotiated(parameters)
        verdicts = iter(answers)
        again = False
        while True:
            page = yield PageWanted(parameters, again=again)
            assert isinstance(page, OutgoingPage)
            decoder = PageDecoder(parameters.coding, parameters.row_dots)
            for piece in page.data:
                decoder.feed(piece)
            device.wait(10)
            decoded = decoder.finish()
            assert decoded.report.complete
            assert not decoded.report.bad_rows
            heard.append((decoded.rows, page.next_step))
            confirmed = next(verdicts, True)
            yield PageSent(confirmed)
            again = not confirmed
            if confirmed and page.next_step is NextStep.NO_MORE:
                return Outcome(Status.NORMAL)

    return script
