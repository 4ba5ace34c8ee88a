from peripherals.framework.fifo import Fifo


def test_bytes_come_out_in_the_order_they_went_in() -> None:
    fifo = Fifo(3)
    assert fifo.push(1)
    assert fifo.push(2)
    assert (fifo.pop(), fifo.pop(), fifo.pop()) == (1, 2, None)


def test_a_full_fifo_refuses_the_next_byte() -> None:
    fifo = Fifo(2)
    assert [fifo.push(byte) for byte in (1, 2, 3)] == [True, True, False]
    assert (len(fifo), fifo.free) == (2, 0)


def test_clear_makes_room() -> None:
    fifo = Fifo(1)
    fifo.push(1)
    fifo.clear()
    assert fifo.free == 1


def test_a_snapshot_holds_the_bytes() -> None:
    fifo = Fifo(4)
    fifo.push(7)
    snapshot = fifo.save()
    fifo.clear()
    fifo.restore(snapshot)
    assert fifo.pop() == 7
