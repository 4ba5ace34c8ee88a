"""The settings of the AT firmware: what they cost, and that they survive everything."""

import pytest

OK = r"\+OK(?:=(?P<value>.*))?\r\n"


def ask(device, command):
    """Send an AT command, and return what is behind `+OK=`."""
    device.write(f"AT+{command}\r\n")
    return device.expect(OK)["value"]


def test_a_setting_is_kept_without_power(booted_dut):
    ask(booted_dut, 'SSID="workshop"')
    booted_dut.machine.power_cycle()
    booted_dut.expect("init finished")
    assert ask(booted_dut, "SSID") == '"workshop"'


def test_storing_a_setting_is_cheap(booted_dut):
    with booted_dut.spent("settings_store_wifi") as spent:
        ask(booted_dut, 'SSID="workshop"')
    assert spent.time_s < 0.1
    assert (spent.flash_erases, spent.flash_programs) == (0, 2)
    assert max(spent.calls["settings_store_wifi"]) < 20_000
    assert spent.unmodelled == []


def test_settings_wear_the_flash_evenly(booted_dut, dut_flash):
    for number in range(20):
        ask(booted_dut, f'SSID="workshop {number}"')
    assert dut_flash["nvs"].wear <= 1
    assert dut_flash.programs == dut_flash["nvs"].programs


def test_it_boots_fast_and_small(booted_dut):
    assert booted_dut.boot_time_s < 0.15
    assert booted_dut.stack_use("main_stack") < 800


@pytest.mark.parametrize("command", ["NOPE", 'SSID="' + 200 * "x" + '"'])
def test_wrong_commands_are_refused(booted_dut, command):
    booted_dut.write(f"AT+{command}\r\n")
    booted_dut.expect(r"\+ERR=", not_matching=r"\+OK")


def has_a_setting(dut):
    """Checks a device whose power has come back: the old setting or the new one, nothing between."""
    dut.expect("init finished")
    assert ask(dut, "SSID") in ('""', '"workshop"')


@pytest.mark.power_cuts(check=has_a_setting, torn=[])
def test_no_power_cut_spoils_the_settings(dut):
    dut.expect("init finished")
    ask(dut, 'SSID="workshop"')
