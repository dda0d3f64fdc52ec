"""How a page that came is laid into the file."""

from __future__ import annotations

from datetime import datetime

from faxhw.t4.decode import DecodedPage
from faxhw.t4.encode import encode_page
from faxhw.terms import Parameters
from faxhw.tiff import TiffPage


def tiff_page(
    parameters: Parameters,
    decoded: DecodedPage,
    *,
    remote_id: str = "",
    model: str = "",
    date: datetime | None = None,
) -> TiffPage:
    """Octets as they came where they are clean, else the repaired rows."""
    data = decoded.clean
    if data is None:
        data = encode_page(decoded.rows, parameters.coding, parameters.row_dots, finish=False)
    return TiffPage(
        data=data,
        coding=parameters.coding,
        width=parameters.row_dots,
        rows=decoded.report.rows,
        resolution=parameters.resolution,
        bad_rows=decoded.report.bad_rows,
        longest_bad_run=decoded.report.longest_bad_run,
        description=f"fax from {remote_id}" if remote_id else "fax",
        make="faxhw",
        model=model,
        date=date,
    )
