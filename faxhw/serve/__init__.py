"""The service that keeps a host's modems answering: ``faxhw serve``.

A supervisor watches one process a line, and owns what the lines share: the queue of faxes to send, the
control socket and the hooks. It stands above ``faxhw.channel`` and uses lines as any script does. What they
need to know stands in one file (``config``), and everything in it is checked before anything starts.
"""
