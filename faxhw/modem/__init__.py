"""What every driver of AT modems needs, whatever the fax class: options, opening, call control.

A driver composes these: ``wishes`` reads its options, ``meeting`` finds out which modem is there, ``calls``
takes and makes calls. What the modem does on a call is the driver's own.
"""
