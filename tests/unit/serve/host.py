"""A bench for the service: a folder in which a configuration holds, to be spoilt."""

from __future__ import annotations

from pathlib import Path

APPLICATION = (
    "def main(channel, application_instance_id, file_man, my_log, application_parameters):\n    pass\n"
)


class Host:
    """A host on which the configuration ``good`` would serve."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.inbox = self.directory("in")
        self.state = self.directory("state")
        self.application = self.file("answer.py", APPLICATION)
        self.hook = self.file("notify", "#!/bin/sh\n", 0o755)

    @property
    def path(self) -> Path:
        """The configuration file."""
        return self.folder / "fax.toml"

    def directory(self, name: str, mode: int = 0o750) -> Path:
        made = self.folder / name
        made.mkdir()
        made.chmod(mode)
        return made

    def file(self, name: str, text: str, mode: int = 0o640) -> Path:
        made = self.folder / name
        made.write_text(text, encoding="utf-8")
        made.chmod(mode)
        return made

    def write(self, *lines: str, above: str = "") -> Path:
        """A configuration: ``above`` any table, the state and socket, then these lines."""
        head = f'state = "state"\nsocket = "control"\n{above}\n'
        return self.file(self.path.name, head + "\n".join(lines) + "\n")


FRONT = ("[[line]]", 'name = "front"', 'device = "/dev/ttyACM0"')
INBOX = ("[line.inbox]", 'directory = "in"')
