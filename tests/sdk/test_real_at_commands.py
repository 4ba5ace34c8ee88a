"""Every command of the SDK's atcmd answers, right or wrong, and the next one is taken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.atcmd import AtDevice

from emu.machine.machine import Machine

ANSWERS = {"OK", "ERROR", "CMD FORMAT ERR", "CMD PARSE ERR"}
RESETS = {"AT+RST", "AT+RESTORE", "AT+ASSERT"}
NEVER_ANSWERS = "AT+BLESPPSTOP"
"""Without a transfer to stop: it waits at a queue that has not been made."""
ANSWER_S = 20
"""`AT+CWJAP` looks for the network of its settings for 15 s."""
DIALOGUES = {
    "access point": [
        ("AT+CWMODE=2", "", "OK"),
        ('AT+CWSAP="box","password",5,3,2,0', "", "OK"),
        ("AT+CWSAP?", '+CWSAP:"box","password",5,3,2,0', "OK"),
        ("AT+CWLIF", "", "OK"),
        ('AT+CIPAP="192.168.5.1","192.168.5.1","255.255.255.0"', "", "OK"),
        ("AT+CIFSR", "+CIFSR:APIP,192.168.5.1\n+CIFSR:APMAC,02:80:00:00:00:03", "OK"),
        ("AT+CWQIF", "", "OK"),
    ],
    "fixed address": [
        ('AT+CIPSTA="192.168.6.100","192.168.6.1","255.255.255.0"', "", "OK"),
        (
            "AT+CIPSTA?",
            '+CIPSTA:ip:"192.168.6.100"\n+CIPSTA:gateway:"192.168.6.1"\n+CIPSTA:netmask:"255.255.255.0"',
            "OK",
        ),
        ("AT+CWDHCP=1,3", "", "OK"),
        ("AT+CWDHCP?", "+CWDHCP:3", "OK"),
    ],
    "no link": [
        ("AT+CWSTATE?", "+CWSTATE=0", "OK"),
        ('AT+PING="192.168.6.1"', "PING:TIMEOUT", "ERROR"),
        ('AT+CIPDOMAIN="www.example.com"', "", "ERROR"),
        ("AT+CIPMUX=1", "", "OK"),
        ('AT+CIPSTART=0,"TCP","192.168.6.1",80', "", "ERROR"),
        ("AT+CIPSEND=0,10", "", "ERROR"),
        ("AT+CIPSERVER=1,333", "", "ERROR"),
        ('AT+MQTTCONN=0,"192.168.6.1",1883,0', "", "ERROR"),
        ('AT+HTTPCGET="http://192.168.6.1/"', "", "ERROR"),
        ('AT+OTA_HTTP="http://192.168.6.1/x.img"', "", "ERROR"),
    ],
    "Wi-Fi off and on": [
        ("AT+CWINIT=0", "", "OK"),
        ("AT+CWINIT?", "+CWINIT:0", "OK"),
        ("AT+CWINIT=1", "", "OK"),
        ("AT+CWLAP", "", "OK"),
    ],
    "pins": [
        ("AT+DRVPWMINIT=10000,16", "", "OK"),
        ("AT+DRVPWMDUTY=100", "", "OK"),
        ("AT+DRVI2CINIT=0,1,4,400000", "", "OK"),
        ("AT+DRVI2CRD=0,0x52,1", "", "ERROR"),
        ("AT+DRVSPIMCONFGPIO=21,16,17,20", "", "OK"),
        ("AT+DRVSPIMINIT=2000000,0", "", "OK"),
        ("AT+DRVSPIMRD=100", "", "OK"),
        ("AT+DRVSPIMWR=10", "", "OK"),
    ],
    "parameters": [
        ("AT+TEST2=a,b", "+TEST2:a,b", "OK"),
        ("AT+CWMODE=", "", "ERROR"),
        ("AT+CWMODE=,", "", "CMD PARSE ERR"),
        ("AT+CWMODE=1,2,3,4,5,6,7,8,9,10", "", "CMD PARSE ERR"),
        ("AT+CWMODE=999999999999", "", "CMD PARSE ERR"),
        ('AT+CWJAP="' + "x" * 33 + '","password"', "", "CMD PARSE ERR"),
        ("AT+TEST2=" + "x" * 200, "+TEST2:" + "x" * 200, "OK"),
    ],
}


@pytest.fixture
def device(atcmd_image: Path, translations: Path) -> Iterator[AtDevice]:
    with Machine.load(atcmd_image, cache=translations) as machine:
        device = AtDevice(machine)
        device.boot()
        yield device


@pytest.fixture(scope="module")
def names(atcmd_image: Path) -> list[str]:
    """The command names in the image; those that reset the chip left out."""
    found = re.findall(rb"(?<=\0)AT\+[A-Z0-9_]+(?=\0)", atcmd_image.read_bytes())
    return sorted({name.decode() for name in found} - RESETS)


@pytest.mark.parametrize("form", ["?", "=?", "", "="])
def test_every_command_answers_whether_bluetooth_is_on_or_not(
    device: AtDevice, names: list[str], form: str
) -> None:
    assert len(names) > 120
    asked = [name for name in names if name + form != NEVER_ANSWERS]
    assert {device.ask(name + form, ANSWER_S)[1] for name in asked} <= ANSWERS
    assert device.ask("AT+BLEINIT=1") == ("", "OK")
    bluetooth = [name for name in asked if name.startswith("AT+BLE")]
    assert {device.ask(name + form, ANSWER_S)[1] for name in bluetooth} <= ANSWERS


@pytest.mark.parametrize("dialogue", DIALOGUES.values(), ids=DIALOGUES)
def test_commands_have_their_effect(device: AtDevice, dialogue: list[tuple[str, str, str]]) -> None:
    for command, lines, answer in dialogue:
        text, last = device.ask(command, ANSWER_S)
        assert (text.replace("\r\n", "\n"), last) == (lines, answer), command


@pytest.mark.parametrize("noise", ["at\r\n", " AT\r\n", "\r\n\r\n", "x" * 3000 + "\r\n", "\xff\x00\r\n"])
def test_what_is_no_command_is_passed_over(device: AtDevice, noise: str) -> None:
    device.machine.uart1.write(noise.encode("latin-1"))
    device.machine.run_for(1)
    assert device.ask("AT") == ("", "OK")


def test_a_failed_assertion_is_reported(device: AtDevice) -> None:
    device.machine.uart1.write("AT+ASSERT\r\n")
    device.machine.uart0.expect(r"Exception name: Trap instruction\r\n")
