from emu.loader.checksum import crc32


def test_the_check_value_is_the_usual_one_without_its_final_inversion() -> None:
    assert crc32(b"123456789") == 0xCBF4_3926 ^ 0xFFFF_FFFF


def test_no_data_leaves_the_initial_value() -> None:
    assert crc32(b"") == 0xFFFF_FFFF
