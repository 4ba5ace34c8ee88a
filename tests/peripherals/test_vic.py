"""The interrupt controller alone: lines in, vectors out."""

from dataclasses import dataclass, field

import pytest
from support.environment import FakeWorld

from peripherals.framework.reset import ResetCause
from peripherals.vic import TASK_SWITCH, VectorInterruptController

UART0, TICK = 16, 25


@dataclass
class Cpu:
    """What the core does with the controller."""

    vic: VectorInterruptController
    changes: list[int | None] = field(default_factory=list)

    def enable(self, *lines: int) -> None:
        self.vic.write(self.vic.set_enable.offset, sum(1 << line for line in lines))

    def priority(self, line: int, priority: int) -> None:
        self.vic.write(self.vic.priority[0].offset + line, priority << 6, 1)

    def task_switch(self) -> None:
        self.vic.write(self.vic.task_pending.offset, 1)

    def take(self) -> int | None:
        vector = self.vic.pending_vector()
        if vector is not None:
            self.vic.acknowledge(vector)
        return vector


@pytest.fixture
def cpu(world: FakeWorld) -> Cpu:
    vic = VectorInterruptController("vic", world.environment)
    vic.reset()
    vic.write(vic.task_priority.offset, 0xFF)
    cpu = Cpu(vic)
    vic.on_change = lambda: cpu.changes.append(vic.pending_vector())
    return cpu


def test_an_enabled_line_that_rises_is_delivered(cpu: Cpu) -> None:
    cpu.enable(UART0)
    assert cpu.vic.pending_vector() is None
    cpu.vic.line(UART0, "uart0")(True)
    assert cpu.vic.pending_vector() == 48
    assert cpu.changes == [48]


def test_a_disabled_line_stays_pending_until_enabled(cpu: Cpu) -> None:
    cpu.vic.line(UART0, "uart0")(True)
    assert cpu.vic.pending_vector() is None
    assert cpu.vic.read(cpu.vic.set_pending.offset) == 1 << UART0
    cpu.enable(UART0)
    assert cpu.vic.pending_vector() == 48
    cpu.vic.write(cpu.vic.clear_enable.offset, 1 << UART0)
    assert cpu.vic.pending_vector() is None


def test_pending_is_latched_even_if_the_line_falls(cpu: Cpu) -> None:
    line = cpu.vic.line(UART0, "uart0")
    line(True)
    line(False)
    cpu.enable(UART0)
    assert cpu.vic.pending_vector() == 48


def test_clearing_pending_forgets_a_line_that_is_low_again(cpu: Cpu) -> None:
    line = cpu.vic.line(UART0, "uart0")
    line(True)
    line(False)
    cpu.vic.write(cpu.vic.clear_pending.offset, 1 << UART0)
    cpu.enable(UART0)
    assert cpu.vic.pending_vector() is None


def test_clearing_pending_does_not_silence_a_line_that_is_high(cpu: Cpu) -> None:
    cpu.vic.line(UART0, "uart0")(True)
    cpu.vic.write(cpu.vic.clear_pending.offset, 0xFFFF_FFFF)
    cpu.enable(UART0)
    assert cpu.vic.pending_vector() == 48


def test_an_interrupt_being_served_does_not_interrupt_itself(cpu: Cpu) -> None:
    cpu.enable(UART0)
    cpu.vic.line(UART0, "uart0")(True)
    assert cpu.take() == 48
    assert cpu.vic.pending_vector() is None
    assert cpu.vic.read(cpu.vic.active.offset) == 1 << UART0
    assert cpu.vic.read(cpu.vic.set_pending.offset) == 0


def test_a_line_still_high_at_the_return_interrupts_again(cpu: Cpu) -> None:
    cpu.enable(UART0)
    line = cpu.vic.line(UART0, "uart0")
    line(True)
    cpu.take()
    cpu.vic.complete()
    assert cpu.vic.pending_vector() == 48
    cpu.take()
    line(False)
    cpu.vic.complete()
    assert cpu.vic.pending_vector() is None


def test_a_shared_line_is_high_while_any_source_is(cpu: Cpu) -> None:
    cpu.enable(19)
    uart2, uart3 = cpu.vic.line(19, "uart2"), cpu.vic.line(19, "uart3")
    uart2(True)
    uart3(True)
    uart2(False)
    uart2(False)
    cpu.take()
    cpu.vic.complete()
    assert cpu.vic.pending_vector() == 51
    cpu.take()
    uart3(False)
    cpu.vic.complete()
    assert cpu.vic.pending_vector() is None


def test_software_can_raise_a_line(cpu: Cpu) -> None:
    cpu.enable(3)
    cpu.vic.write(cpu.vic.set_pending.offset, 1 << 3)
    assert cpu.take() == 35
    cpu.vic.complete()
    assert cpu.vic.pending_vector() is None


def test_among_equals_the_lower_line_goes_first(cpu: Cpu) -> None:
    cpu.enable(TICK, UART0)
    cpu.vic.line(TICK, "tick")(True)
    cpu.vic.line(UART0, "uart0")(True)
    assert cpu.vic.pending_vector() == 48


def test_the_more_urgent_priority_goes_first(cpu: Cpu) -> None:
    cpu.enable(TICK, UART0)
    cpu.priority(UART0, 2)
    cpu.priority(TICK, 1)
    cpu.vic.line(UART0, "uart0")(True)
    cpu.vic.line(TICK, "tick")(True)
    assert cpu.vic.pending_vector() == 57


def test_equals_do_not_preempt_one_another(cpu: Cpu) -> None:
    cpu.enable(TICK, UART0)
    cpu.vic.line(TICK, "tick")(True)
    assert cpu.take() == 57
    cpu.vic.line(UART0, "uart0")(True)
    assert cpu.vic.pending_vector() is None
    assert cpu.vic.read(cpu.vic.state.offset) == 48 << 12 | 57


def test_the_more_urgent_preempts_and_returns_to_the_less_urgent(cpu: Cpu) -> None:
    cpu.enable(TICK, UART0)
    cpu.priority(UART0, 1)
    tick, uart0 = cpu.vic.line(TICK, "tick"), cpu.vic.line(UART0, "uart0")
    uart0(True)
    assert cpu.take() == 48
    tick(True)
    assert cpu.take() == 57
    tick(False)
    cpu.vic.complete()
    assert cpu.vic.read(cpu.vic.active.offset) == 1 << UART0
    assert cpu.vic.read(cpu.vic.state.offset) == 48
    uart0(False)
    cpu.vic.complete()
    assert cpu.vic.read(cpu.vic.active.offset) == 0


def test_the_task_switch_waits_for_every_interrupt_to_return(cpu: Cpu) -> None:
    cpu.enable(TICK)
    tick = cpu.vic.line(TICK, "tick")
    tick(True)
    cpu.take()
    cpu.task_switch()
    assert cpu.vic.pending_vector() is None
    tick(False)
    cpu.vic.complete()
    assert cpu.take() == TASK_SWITCH
    assert cpu.vic.read(cpu.vic.task_pending.offset) == 0
    assert cpu.vic.read(cpu.vic.task_active.offset) == 1
    cpu.vic.complete()
    assert cpu.vic.read(cpu.vic.task_active.offset) == 0


def test_an_interrupt_goes_before_and_preempts_the_task_switch(cpu: Cpu) -> None:
    cpu.enable(TICK)
    cpu.task_switch()
    assert cpu.take() == TASK_SWITCH
    cpu.vic.line(TICK, "tick")(True)
    assert cpu.vic.pending_vector() == 57
    cpu.vic.complete()
    cpu.task_switch()
    assert cpu.take() == 57


def test_a_task_switch_requested_in_its_own_handler_comes_after_the_return(cpu: Cpu) -> None:
    cpu.task_switch()
    cpu.take()
    cpu.task_switch()
    assert cpu.vic.pending_vector() is None
    cpu.vic.complete()
    assert cpu.vic.pending_vector() == TASK_SWITCH


def test_the_threshold_holds_back_until_its_interrupt_returns(cpu: Cpu) -> None:
    cpu.enable(TICK, UART0)
    cpu.priority(UART0, 2)
    cpu.priority(TICK, 1)
    uart0 = cpu.vic.line(UART0, "uart0")
    uart0(True)
    cpu.take()
    cpu.vic.write(cpu.vic.threshold.offset, 1 << 31 | 48 << 8 | 1 << 6)
    cpu.vic.line(TICK, "tick")(True)
    assert cpu.vic.pending_vector() is None
    uart0(False)
    cpu.vic.complete()
    assert cpu.vic.pending_vector() == 57
    assert cpu.vic.threshold.enable == 0


def test_a_return_without_an_interrupt_is_harmless(cpu: Cpu) -> None:
    cpu.vic.complete()
    assert cpu.vic.pending_vector() is None


def test_writing_the_active_register_forgets_what_is_being_served(cpu: Cpu) -> None:
    cpu.enable(TICK, UART0)
    cpu.vic.line(TICK, "tick")(True)
    cpu.take()
    cpu.vic.line(UART0, "uart0")(True)
    cpu.vic.write(cpu.vic.active.offset, 0)
    assert cpu.vic.pending_vector() == 48


def test_what_wakes_the_cpu(cpu: Cpu) -> None:
    cpu.vic.line(UART0, "uart0")(True)
    assert not cpu.vic.wakeup_pending()
    cpu.vic.write(cpu.vic.set_wake_up.offset, 1 << UART0)
    assert cpu.vic.wakeup_pending()
    cpu.vic.write(cpu.vic.clear_wake_up.offset, 1 << UART0)
    assert not cpu.vic.wakeup_pending()
    cpu.enable(UART0)
    assert cpu.vic.wakeup_pending()


def test_a_wake_up_line_that_rises_is_a_change_even_if_not_enabled(cpu: Cpu) -> None:
    cpu.vic.write(cpu.vic.set_wake_up.offset, 1 << UART0)
    cpu.vic.line(UART0, "uart0")(True)
    assert cpu.changes == [None]


def test_the_clear_registers_read_like_their_counterparts(cpu: Cpu) -> None:
    cpu.enable(1, 2)
    cpu.vic.write(cpu.vic.set_wake_up.offset, 4)
    cpu.vic.write(cpu.vic.set_pending.offset, 8)
    offsets = (cpu.vic.clear_enable.offset, cpu.vic.clear_wake_up.offset, cpu.vic.clear_pending.offset)
    assert [cpu.vic.read(offset) for offset in offsets] == [6, 4, 8]


def test_a_reset_forgets_all_but_the_level_of_the_lines(cpu: Cpu) -> None:
    cpu.enable(TICK)
    cpu.vic.line(TICK, "tick")(True)
    cpu.take()
    cpu.vic.reset(ResetCause.WATCHDOG)
    assert cpu.vic.pending_vector() is None
    assert cpu.vic.read(cpu.vic.active.offset) == 0
    cpu.enable(TICK)
    assert cpu.take() == 57


def test_a_snapshot_holds_lines_and_nesting(cpu: Cpu) -> None:
    cpu.enable(TICK, UART0)
    cpu.priority(UART0, 1)
    cpu.vic.line(UART0, "uart0")(True)
    cpu.take()
    cpu.vic.line(TICK, "tick")(True)
    cpu.take()
    snapshot = cpu.vic.save()
    cpu.vic.reset()
    cpu.vic.restore(snapshot)
    cpu.vic.complete()
    assert cpu.vic.read(cpu.vic.state.offset) == 57 << 12 | 48
    assert cpu.vic.pending_vector() == 57


def test_handlers_that_never_return_are_not_remembered_for_ever(cpu: Cpu) -> None:
    cpu.enable(UART0)
    for _ in range(1000):
        cpu.vic.acknowledge(32 + UART0)
    assert len(cpu.vic._nesting) < 100


def test_a_write_to_task_active_ends_the_task_switch(cpu: Cpu) -> None:
    cpu.task_switch()
    assert cpu.take() == TASK_SWITCH
    cpu.task_switch()
    assert cpu.vic.pending_vector() is None
    cpu.vic.write(cpu.vic.task_active.offset, 0)
    assert cpu.vic.read(cpu.vic.task_active.offset) == 0
    assert cpu.vic.pending_vector() == TASK_SWITCH


def test_a_return_that_was_not_told_counts_before_a_write_to_task_active(cpu: Cpu) -> None:
    cpu.enable(UART0)
    cpu.priority(UART0, 1)
    cpu.vic.write(cpu.vic.task_priority.offset, 0)
    cpu.vic.line(UART0, "uart0")(True)
    cpu.take()
    cpu.task_switch()
    cpu.take()
    cpu.vic.on_look = cpu.vic.complete
    cpu.vic.write(cpu.vic.task_active.offset, 0)
    cpu.vic.on_look = lambda: None
    assert cpu.vic.read(cpu.vic.state.offset) & 0x1FF == 48


def test_a_task_switch_follows_a_handler_alone(cpu: Cpu) -> None:
    cpu.enable(TICK, UART0)
    cpu.priority(UART0, 1)
    for line in (UART0, TICK):
        cpu.vic.line(line, "it")(True)
        cpu.take()
        cpu.vic.line(line, "it")(False)
    cpu.task_switch()
    follows = [cpu.vic.chains_quietly]
    cpu.vic.complete()
    follows.append(cpu.vic.chains_quietly)
    cpu.vic.line(UART0, "it")(True)
    follows.append(cpu.vic.chains_quietly)
    assert follows == [False, True, False]


def test_a_write_to_task_active_leaves_interrupts_active(cpu: Cpu) -> None:
    cpu.enable(UART0)
    cpu.vic.line(UART0, "uart0")(True)
    cpu.take()
    cpu.vic.write(cpu.vic.task_active.offset, 0)
    assert cpu.vic.read(cpu.vic.state.offset) == 48
    assert cpu.vic.pending_vector() is None


def test_after_a_reset_nothing_waits_that_no_line_asks_for(cpu: Cpu) -> None:
    cpu.enable(UART0)
    cpu.vic.write(cpu.vic.set_pending.offset, 1 << UART0)
    cpu.vic.reset()
    assert cpu.vic.pending_vector() is None


def test_a_line_that_is_high_waits_again_after_a_reset(cpu: Cpu) -> None:
    cpu.vic.line(UART0, "uart0")(True)
    cpu.vic.reset()
    assert cpu.vic.read(cpu.vic.set_pending.offset) == 1 << UART0
