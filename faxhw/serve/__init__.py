"""``faxhw serve``: every line of a host kept answering, faxes stored and told of, jobs sent in between.

A *supervisor* opens no modem: it starts an *attendant* process for each line and watches it. What they need
to know stands in one file (``config``); everything in it is checked before anything starts.
"""
