"""Call-control scripts to start from: copy one and change it.

They stand in ``apps`` because ``faxhw run APP.py`` and ``[line.application]`` of ``faxhw serve`` take them as
they are; ``reference`` has the examples of the documented contract, one a script. Each is whole, for it is
to be copied: what two of them do alike is written in both.

Every one runs on the virtual modem, too: give ``sim:`` for ``/dev/ttyACM0``. Files go to the working
directory, or to the application's ``files`` under ``faxhw serve``.
"""
