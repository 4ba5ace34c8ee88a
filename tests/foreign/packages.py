"""Firmware that public projects ship: where it is from, how to know it, what it says first on a board.

Only names, sizes and hashes: no file of theirs is part of this project.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Package:
    """A file of a public repository, and a pattern that it prints on UART0 within a virtual time."""

    repository: str
    path: str
    size_bytes: int
    sha256: str
    """Its first 16 digits."""
    prints: str
    within_s: float = 2.0

    @property
    def name(self) -> str:
        """What to call it."""
        return f"{self.repository}/{self.path}"


# fmt: off
PACKAGES = (
    # WM IoT SDK
    Package("Pinpon1/A-Gateway-W800", "Software/A-Geteway/build/A-Geteway.fls", 133496, "e0eadd4f4848777c", r"main: flash size 0x200000"),
    # W800 SDK, from 0.0.4 to 1.0.11
    Package("QinYUN575/w800_sdk", "bin/w800/w800.fls", 831764, "dd80376df3c09089", r"user task"),
    Package("GodoSanchezHeredia/W80X_Programin", "bin/w800/w800.fls", 830396, "e8ad6c12984e4ffc", r"GPIO DEMO Godo Sanchez"),
    Package("HEYAHONG/W800Demo", "wm_sdk_w800/bin/w800/w800.fls", 693364, "f7cbd730d2bcb7a8", r"user task"),
    Package("initdc/wm-sdk-w800", "bin/w800/w800.fls", 681780, "52d013486199378c", r"user task"),
    Package("initdc/wm-sdk-w80x", "bin/w800/w800.fls", 712928, "6550c8814d346f2d", r"user task"),
    Package("leoay/wm-sdk-w80x", "bin/w800/w800.fls", 699260, "2cd7127cf3fd2f4b", r"user task"),
    Package("bomingfeng/w801_wm_sdk_w80x_20211115", "bin/w800/w800.fls", 698804, "d46dc6afe9072873", r"t-https"),
    Package("droppingy/W801_SDK-linux", "bin/w800/w800.fls", 993924, "0ed5746112a0a23c", r"t-sdh"),
    Package("mjadiahmed/W801_SDK_WiFi_MQTT_GPIO_I2C", "bin/w801/w801.fls", 690840, "6cd7b379539d7f61", r"please wait connect net"),
    Package("sheldonSDU/W801HXboard", "bin/w800/w800.fls", 723104, "840901c97290b3fa", r"Starting user task"),
    Package("xiansenzhao/W800-wifi-bt", "bin/w800/w800.fls", 690260, "2c77e8bae28d1275", r"adapter status = bt_state_on"),
    Package("xiansenzhao/W800-wifi-bt", "bin/w800/w800_bt_cht8305c_demo.fls", 691140, "a28385635e711bf7", r"adapter status = bt_state_on"),
    Package("Nicholas3388/LuaNodeForW800", "bin/w800/w800.fls", 818304, "fb4882514cd5cc62", r"Lua 5\.4\.4"),
    Package("xiansenzhao/W801_BT", "bin/w800/w800.fls", 687512, "7f25d35bdf1c882d", r"ble ready ok"),
    # W806 SDK
    Package("EBTeddy/W806_test", "bin/W806/W806.fls", 46784, "16699fcb0e959ff1", r"enter main"),
    Package("EBTeddy/W806_test", "bin/W806/W806.fls, an older one", 45808, "e1147c1a43b8f721", r"enter main"),
    Package("FL0WL0W/ESP32C3-W806-ECU", "w806 test app/bin/W806/W806.fls", 49912, "9bcf4b68df810460", r"rx: 00 00 00"),
    Package("nickfox-taterli/W806_Hello", "bin/W806/W806.fls", 44528, "00110a9f42126e40", r"Hello W806!"),
    Package("xiansenzhao/WM_SDK_W806", "bin/W806/W806.fls", 55120, "a7fd49038a4c862e", r"INA226 GPIO INIT"),
    Package("xiansenzhao/WM_SDK_W806_7735r", "bin/W806/W806.fls", 50536, "7b686f6dd9b5c784", r"enter main"),
    Package("xiansenzhao/w806-adc-mult", "WM_SDK_W806_adc_mult/bin/W806/W806.fls", 46608, "b0ba42fbc44c4167", r"enter main"),
    Package("xiansenzhao/w806_ina226_project", "Output/W806.fls", 55236, "ec634cd9034d9795", r"OLED GPIO INIT"),
    # without a second bootloader
    Package("FL0WL0W/EFIGenieW806", "build/firmware.fls", 66344, "a02502c8395eeed4", r"enter main"),
    Package("FL0WL0W/EFIGenieW806", "build/firmware.hex", 282141, "5dc13be9da996797", r"enter main"),
    # records of CDS, LuatOS, RAM images that the mask ROM starts
    Package("GodoSanchezHeredia/W80X_Programin", "tools/w800/projects/SDK_Project/project/CDS/Debug/w800.ihex", 2165000, "15bba50704de6020", r"Godo|user task"),
    Package("wendal/xt804-spinet", "soc/LuatOS-SoC_V1025_AIR601.soc", 440809, "38f189ebdcc4bef5", r"poweron: power or reset"),
    Package("divadiow/w800_stub", "W800_RawMem_Stub.img", 2428, "ef84c1b77d0a13ea", r"W800RAW5\nC"),
    Package("divadiow/w800_stub", "W800_RawMem_Stub.img, 6.00", 2440, "1a30310d48d47a57", r"W800RAW6\nC"),
    Package("divadiow/w800_stub", "W800_RawMem_Stub.bin, gzip", 2528, "121845980b92bf31", r"W800RAW6\nC"),
    Package("divadiow/w800_stub", "W800_RawMem_Stub.img, the last", 20080, "88c02e1c1206318d", r"C"),
)
# fmt: on


@cache
def index(folder: Path) -> dict[tuple[int, str], Path]:
    """The files below a folder by size and hash; only files of the sizes wanted are read."""
    sizes = {package.size_bytes for package in PACKAGES}
    found = {}
    for path in folder.rglob("*"):
        if path.is_file() and path.stat().st_size in sizes:
            data = path.read_bytes()
            found[len(data), hashlib.sha256(data).hexdigest()[:16]] = path
    return found


def find(folder: Path, package: Package) -> Path | None:
    """The file of a package, whatever it is called."""
    return index(folder).get((package.size_bytes, package.sha256))
