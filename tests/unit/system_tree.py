"""A tree like those of /sys, /proc, /dev and /var/lock, made for a test."""

from __future__ import annotations

from pathlib import Path

from faxhw.ports.discover import Roots

ACM = ("02", "02", "01")
"""Class, subclass and protocol of an interface of a modem with AT commands."""
VENDOR_SPECIFIC = ("ff", "00", "00")


class SystemTree:
    """What is plugged in, and who uses it."""

    def __init__(self, root: Path) -> None:
        self.roots = Roots(*(root / name for name in ("sys", "proc", "dev", "lock")))
        for each in (self.roots.sys, self.roots.proc, self.roots.dev, self.roots.lock):
            each.mkdir()

    def usb(
        self,
        address: str,
        number: str,
        maker: str = "",
        model: str = "",
        *,
        serial: str = "",
        interface: tuple[str, str, str] = ACM,
        device_class: str = "00",
    ) -> Path:
        """Plug in a USB device; where it is."""
        vendor, product = number.split(":")
        texts = {
            "idVendor": vendor,
            "idProduct": product,
            "manufacturer": maker,
            "product": model,
            "serial": serial,
            "bDeviceClass": device_class,
            "busnum": "1",
            "devnum": str(len(list((self.roots.sys / "devices").glob("usb/*"))) + 2),
            f"{address}:1.0/bInterfaceClass": interface[0],
            f"{address}:1.0/bInterfaceSubClass": interface[1],
            f"{address}:1.0/bInterfaceProtocol": interface[2],
        }
        return self._plug("usb", address, texts)

    def pci(self, address: str, number: str, device_class: str = "0x070300") -> Path:
        """Plug in a PCI card; where it is."""
        vendor, product = number.split(":")
        texts = {"vendor": f"0x{vendor}", "device": f"0x{product}", "class": device_class}
        return self._plug("pci", address, texts)

    def _plug(self, bus: str, address: str, texts: dict[str, str]) -> Path:
        device = self.roots.sys / "devices" / bus / address
        for name, text in texts.items():
            if text:
                file = device / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(f"{text}\n", encoding="utf-8")
        _link(self.roots.sys / "bus" / bus / "devices" / address, device)
        return device

    def tty(self, name: str, device: Path | None, driver: str = "cdc_acm", uart: str = "") -> str:
        """Give a device (``None``: the host) a serial port; its path."""
        of = device or self.roots.sys / "devices" / "platform" / name
        interface = of / f"{of.name}:1.0"
        interface.mkdir(parents=True, exist_ok=True)
        entry = interface / "tty" / name
        entry.mkdir(parents=True)
        _link(entry / "device", interface)
        if uart:
            (entry / "type").write_text(f"{uart}\n", encoding="utf-8")
        if driver and not (interface / "driver").is_symlink():
            _link(interface / "driver", self.roots.sys / "bus" / "drivers" / driver)
        _link(self.roots.sys / "class" / "tty" / name, entry)
        path = self.roots.dev / name
        path.write_bytes(b"")
        return str(path)

    def by_id(self, name: str, path: str) -> str:
        """Give a serial port a link that stays."""
        link = self.roots.dev / "serial" / "by-id" / name
        _link(link, Path(path))
        return str(link)

    def process(self, pid: int, name: str, *opened: str) -> None:
        """Run a program that has these paths open."""
        files = self.roots.proc / str(pid) / "fd"
        files.mkdir(parents=True)
        (files.parent / "comm").write_text(f"{name}\n", encoding="utf-8")
        for number, path in enumerate(opened, 3):
            _link(files / str(number), Path(path))

    def lock(self, name: str, content: bytes) -> Path:
        """Leave a lock file for a port."""
        file = self.roots.lock / f"LCK..{name}"
        file.write_bytes(content)
        return file


def _link(link: Path, target: Path) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(target)
