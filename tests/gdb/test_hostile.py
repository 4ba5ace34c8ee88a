"""Whatever arrives, the machine lives on and the next client is served."""

from __future__ import annotations

import socket
from random import Random

from support.gdb_client import GdbClient, attached

from emu import Machine
from emu.gdb.commands import answer
from emu.gdb.packets import frame
from emu.gdb.session import Session

PACKETS = (
    *("?", "g", "G00", "p48", "P3=00000000", "m20000000,40", "M20000000,4:01020304", "X20000000,2:ab", "!"),
    *("Z0,8010790,2", "z0,8010790,2", "Z2,20000000,4", "z2,20000000,4", "Z0,8010790,2;X3,220127", "vCont?"),
    *("vCont;c", "vCont;s:1", "vCont;r8010790,80107a0:1;c", "s", "c", "bs", "bc", "D", "k", "vKill;1", "R00"),
    *("vRun;", "qC", "qfThreadInfo", "qsThreadInfo", "qThreadExtraInfo,1", "T1", "Hg1", "Hc-1", "qAttached"),
    *("qSupported:swbreak+", "QStartNoAckMode", "qXfer:features:read:target.xml:0,fff", "qSymbol::"),
    *("qXfer:threads:read::0,fff", "qXfer:memory-map:read::0,fff", "vFlashErase:8000000,1000", "vFlashDone"),
    *("vFlashWrite:8000000:ab", f"qRcmd,{b'time'.hex()}", f"qRcmd,{b'uart 0 send x'.hex()}"),
)
MUTATIONS = 10_000


def mutated(rng: Random, packet: bytes) -> bytes:
    data = bytearray(packet)
    for _ in range(rng.randrange(1, 4)):
        where = rng.randrange(len(data) + 1)
        match rng.randrange(4):
            case 0:
                data[where:where] = rng.randbytes(rng.randrange(1, 5))
            case 1:
                del data[where : where + rng.randrange(1, 5)]
            case 2:
                data[where : where + 1] = rng.choice((b",", b";", b":", b"-", b"f", b"\0", b"}", b"8"))
            case 3:
                data += rng.choice([each.encode() for each in PACKETS])[:8]
    return bytes(data)


def test_ten_thousand_mutated_packets(machine: Machine, client: GdbClient) -> None:
    """Each is carried out, and so is the motion that it may begin, for a turn."""
    rng, server = Random(1), client.server
    shown: list[str] = []
    session = Session(server._target, server._monitor, shown.append)
    for _ in range(MUTATIONS):
        packet = mutated(rng, rng.choice(PACKETS).encode())
        reply = answer(session, packet)
        assert reply is None or isinstance(reply, bytes)
        if session.motion is not None:
            server._make_turn(session.motion, 1000)
            session.motion.give_up()
            session.motion = None
    for known in PACKETS[:8]:
        assert answer(session, known.encode()) is not None


def test_mutated_bytes_on_the_wire(machine: Machine) -> None:
    rng = Random(2)
    with attached(machine) as client:
        for _ in range(300):
            wire = frame(rng.choice(PACKETS[:16]).encode())
            client.send_raw(mutated(rng, wire))
            client.server.run(0)
    with attached(machine) as client:
        assert client.ask("?").startswith("T05")


def test_a_client_that_sends_no_protocol_at_all(machine: Machine) -> None:
    with attached(machine) as client:
        client.close()
        server = client.server
        server.run(0)
        for noise in (b"GET / HTTP/1.1\r\n\r\n", bytes(range(256)) * 100, b"$" * 50_000, b"$#" * 1000, b""):
            with socket.create_connection(("127.0.0.1", server.port)) as other:
                other.sendall(noise)
                for _ in range(3):
                    server.run(0)
            for _ in range(3):
                server.run(0)
        again = GdbClient(server)
        assert again.ask("?").startswith("T05")
        again.close()


def test_a_client_that_vanishes_in_the_middle_of_a_way_back(machine: Machine) -> None:
    with attached(machine) as client:
        client.ask(f"Z0,{machine.address_of('idle'):x},2")
        client.ask("c")
        place = machine.executed
        client.send("bc")
        client.close()
        client.server.run(0)
        client.server.run(0)
        again = GdbClient(client.server)
        assert again.ask("?").startswith("T05")
        assert machine.executed in (0, place)
        again.close()
