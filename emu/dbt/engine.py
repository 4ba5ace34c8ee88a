"""`TranslatorEngine`: runs guest code as translated AArch64 in Unicorn (contract: emu/engine/contract.py)."""

from __future__ import annotations

from dataclasses import replace

from emu.dbt import a64
from emu.dbt.charge import usual_cost
from emu.dbt.code_cache import CodeCache
from emu.dbt.code_stores import CodeStores
from emu.dbt.exits import ARRIVED, ATTENTION, BEGAN, INTERPRET, RETURN, STOPS
from emu.dbt.gateway import ENTRY
from emu.dbt.guest_state import MOVED, SEEN, GuestState
from emu.dbt.host import EXIT, FaultError, Host
from emu.dbt.host_registers import PC, Q, S, X
from emu.dbt.late_return import LateReturn
from emu.dbt.mode import MODE_BITS, Mode
from emu.dbt.notes import Notes
from emu.dbt.placed import GuestPosition
from emu.dbt.polled_reads import PolledReads
from emu.dbt.region_source import RegionSource
from emu.dbt.region_store import RegionStore
from emu.dbt.regmap import BUDGET, PENDING, SURPLUS
from emu.dbt.statistics import Statistics
from emu.dbt.store_notes import StoreNotes
from emu.dbt.translation_options import TranslationOptions
from emu.dbt.translator import Translator
from emu.engine.contract import (
    BUDGET_USED_UP,
    CoreEvents,
    EngineState,
    GuestBus,
    Stop,
    StopReason,
    WatchedRange,
)
from emu.engine.coverage import CoverageSink, Known
from emu.engine.flow import Flow, FlowSink
from emu.engine.poll_skipper import PollSkipper
from emu.engine.stepper import Stepper
from emu.engine.values import MASK64
from emu.isa.ops import CpuException, Vector
from emu.isa.state import LINK, MASK32, CpuState, Psr

_AS_USUAL = TranslationOptions()
_TRACED, _DELIVERY = Psr.TM, Psr.DELIVERY


class TranslatorEngine:
    """Translates on demand, runs, and leaves translated code only when Python is needed."""

    def __init__(
        self,
        state: CpuState,
        bus: GuestBus,
        events: CoreEvents,
        store: RegionStore | None = None,
        options: TranslationOptions = _AS_USUAL,
    ) -> None:
        self.state = state
        self.statistics = Statistics()
        self._bus = bus
        self._host = Host(MOVED, SEEN, bus.device_windows)
        for memory in bus.regions:
            self._host.map_memory(memory)
        self._read_progress = self._host.reader("=Qq", PC, X[BUDGET])
        self._guest = GuestState(self._host)
        self.late_return = LateReturn(self._guest, state, bus, events, lambda: self._in_host)
        self._notes = Notes(self._host, bus.regions, notes_flow=options.notes_flow)
        self.flow: Flow | None = self._notes.flow
        self.coverage: CoverageSink | None = None
        self._options = options
        self._store_notes = StoreNotes() if store is None else store.notes
        self._translate_with(options, store)
        self._cache = CodeCache(self._host, bus.regions, bus.device_memories)
        self._stores = stores = CodeStores(bus, self._cache.pages, self.invalidate, self._store_notes, events)
        self._host.stored = lambda address, size_bytes: stores.told(address, size_bytes, self.current_pc)
        self._stepper = Stepper(state, stores, events)
        for base, size_bytes in bus.device_windows:
            self._host.map_window(base, size_bytes, bus)
        self._polls = PollSkipper(self, bus, stores, events, self._stepper, self._interpret)
        self._reads = PolledReads(self, bus, self._host, self._cache, self._polls, events)
        self._host.is_polled, self._host.polled = self._is_polled, self._polls.polled
        self.skips_polls = True
        """Whether rounds of loops that poll may be left out, but for those of a flow, which has every one."""
        self._breakpoints: frozenset[int] = frozenset()
        self._usual_cost = usual_cost(bus.regions)
        self._least_cost = min(memory.cost for memory in bus.regions)
        self._elapsed = 0  # exact whenever Python runs outside translated code
        self._surplus = 0  # what the host's count lacks of it
        self._counted = self._counted_access = 0  # elapsed when the device access of this number was made
        self._limit = 0  # the run ends at the first check point with this much elapsed
        self.charged_limit = 0  # the limit that X30 counts down from
        self._in_host: bool = False
        self._is_lent = self._is_watching = self._refuses = False  # lent: see `settle`
        self._is_outdated = False  # what is placed was made to note or tell other things, or none
        self._mode, self._mode_psr = Mode.of(state), -1  # of the code that was entered last

    def run(self, budget: int) -> Stop:
        """See `contract.Engine.run`."""
        self._limit = self._elapsed + budget
        if self._is_outdated:
            self._translate_anew()
        state, stores = self.state, self._stores
        stop = self._interpret() if self._breakpoints and state.pc & ~1 in self._breakpoints else None
        while stop is None:
            translates = state.conditions == 1 and not state.psr & _TRACED
            stop = (self._execute() if translates else self._interpret_alone()) or stores.take_end()
        if self.flow is not None:
            self.flow.at(state.pc)
        return stop

    def step(self, budget: int) -> Stop:
        """See `contract.Engine.step`."""
        self._limit = self._elapsed + budget
        pc = self.state.pc & ~1
        if self._translator.memory_at(pc) is None:
            return Stop(StopReason.EXCEPTION, vector=Vector.ACCESS_ERROR, address=pc)
        stop = self._interpret() or Stop(StopReason.STEPPED)
        if self.flow is not None:
            self.flow.at(self.state.pc)
        return stop

    def note_flow(self, sink: FlowSink | None) -> None:
        """See `contract.Engine.note_flow`. All is translated anew."""
        self.flow = self._notes.note_flow(sink)
        self._made_to_be, self._is_outdated = None, True

    def tell_coverage(self, sink: CoverageSink | None, known: Known | None = None) -> None:
        """See `contract.Engine.tell_coverage`. All is translated anew if nobody was told before."""
        self.coverage, self._is_outdated = sink, True
        self._notes.tell_coverage(sink, known, self._cache, self._translator)

    def note_reads(self, pages: set[int] | None) -> None:
        """See `contract.Engine.note_reads`. All is placed anew."""
        self._host.note_reads(pages)
        if pages is not None:
            self._cache.clear()

    def settle(self) -> None:
        """See `contract.Engine.settle`."""
        if self._is_lent and not self._in_host:
            self._is_lent = False
            self._guest.take(self.state)

    @property
    def executed(self) -> int:
        """See `contract.Engine.executed`."""
        surplus = self._surplus + self._host.read_upper_half(Q[SURPLUS])
        if self._in_host and (position := self._cache.guest_position(self._host.pc)):
            surplus -= position.unspent * position.charge.surplus
        return (self.elapsed - surplus) // self._usual_cost

    @property
    def elapsed(self) -> int:
        """See `contract.Engine.elapsed`."""
        return self.count()

    def count(self) -> int:
        """See `contract.Engine.count`."""
        if not self._in_host:
            return self._elapsed
        accesses = self._host.accesses
        if self._counted_access != accesses:
            self._counted_access = accesses
            host_pc, left = self._read_progress()
            position = self._cache.known_positions.get(host_pc) or self._cache.guest_position(host_pc)
            self._counted = self.charged_limit - 1 - left - (position.unspent_cost if position else 0)
        return self._counted

    @property
    def limit(self) -> int:
        """See `contract.Engine.limit`."""
        return self._limit

    @property
    def current_pc(self) -> int:
        """See `contract.Engine.current_pc`."""
        if self._in_host:
            position = self._cache.guest_position(self._host.pc)
            if position is not None and position.pc is not None:
                return position.pc
        return self.state.pc

    def end_at(self, elapsed: int) -> None:
        """See `contract.Engine.end_at`."""
        if elapsed < self._limit and (limit := max(elapsed, self.count())) < self._limit:
            self._limit = limit
            if self._in_host:
                self._host.stop()

    def set_interrupt_pending(self, pending: bool) -> None:
        """See `contract.Engine.set_interrupt_pending`."""
        self._stepper.interrupt_pending = pending
        if self._in_host:
            self._host.write_register(S[PENDING], _DELIVERY * pending)

    def set_breakpoints(self, addresses: frozenset[int]) -> None:
        """See `contract.Engine.set_breakpoints`."""
        changed, self._breakpoints = self._breakpoints ^ addresses, addresses
        for address in changed:
            self.invalidate(address, 2)

    def set_watched(self, watched: frozenset[WatchedRange]) -> None:
        """See `contract.Engine.set_watched`. Stores to RAM are told, others refused, and so interpreted."""
        self._is_watching = bool(watched)
        self._stepper.set_watched(watched)
        refused = self._stores.watch(watched)
        self._cache.watch(self._stores.watched)
        self._host.refuse(refused)
        self._host.tells_words = self._is_watching
        self._refuses, self._mode_psr = bool(refused), -1

    def save(self) -> EngineState:
        """See `contract.Engine.save`."""
        return EngineState(self.executed, self._elapsed, self._limit, self._stepper.interrupt_pending)

    def restore(self, snapshot: EngineState) -> None:
        """See `contract.Engine.restore`."""
        self._elapsed, self._limit = snapshot.elapsed, snapshot.limit
        self.late_return.forbid()
        self._surplus = snapshot.elapsed - snapshot.executed * self._usual_cost
        self._surplus -= self._host.read_upper_half(Q[SURPLUS])
        self._stepper.interrupt_pending = snapshot.interrupt_pending

    def invalidate(self, address: int, size_bytes: int) -> None:
        """See `contract.Engine.invalidate`."""
        if self._cache.invalidate(address, size_bytes) and self._in_host:
            self._host.stop()  # behind the instruction under way

    # ---- one stay in translated code -------------------------------------------------------------

    def _execute(self) -> Stop | None:
        """Run from the block at pc until Python is needed; a `Stop` if the run ends."""
        state = self.state
        host_address = self._block(state.pc & ~1)
        if host_address is None:
            return Stop(StopReason.EXCEPTION, vector=Vector.ACCESS_ERROR, address=state.pc & ~1)
        if not self._is_lent:
            self._guest.give(state)
            self._is_lent = True
        pending, limit = _DELIVERY * self._stepper.interrupt_pending, self._limit
        if self.flow is not None:  # come back as long as there is room for an entry an instruction
            limit = min(limit, self._elapsed + self.flow.make_room() * self._least_cost)
        self.charged_limit = limit
        self._guest.enter(state, pending, limit - 1 - self._elapsed, host_address)
        try:
            ended = self._run_host()
        except FaultError:
            return self._fault()
        except CpuException as exception:
            self._settle_at(self._host.error_pc)
            return Stop(StopReason.EXCEPTION, vector=exception.vector, address=exception.address)
        if not ended:
            pc = self._settle(self._cache.position_of_end(self._host.pc))
            return self._go_on(ARRIVED) if pc is None else None
        self._guest.leave(state)
        self._elapsed = self.charged_limit - 1 - self._guest.budget
        return self._go_on(self._guest.reason)

    def _go_on(self, reason: int) -> Stop | None:
        """Do what translated code was left for, pc being the next instruction; a `Stop` if the run ends."""
        if (teller := self._notes.teller) is not None and (reason >= BEGAN or teller.begun):
            reason = teller.met(self.state, reason, self._elapsed)
        if reason == ARRIVED:
            return BUDGET_USED_UP if self._elapsed >= self._limit else None
        if reason == RETURN:
            stop = self._stepper.return_from_exception()
            return BUDGET_USED_UP if stop is None and self._elapsed >= self._limit else stop
        if reason in (INTERPRET, ATTENTION) and self.flow is not None:
            self.flow.cut(self.state.pc)
        return self._interpret() if reason == INTERPRET else STOPS.get(reason)

    def _interpret_alone(self) -> Stop | None:
        """Interpret the instruction at pc: in trace mode and behind `sce` nothing is translated."""
        pc = self.state.pc & ~1
        if self._translator.memory_at(pc) is None:
            return Stop(StopReason.EXCEPTION, vector=Vector.ACCESS_ERROR, address=pc)
        if pc in self._breakpoints:
            return Stop(StopReason.BREAKPOINT)
        return self._interpret()

    def _run_host(self) -> bool:
        """Run until translated code is left; False if it ended under way, for its guest code has changed."""
        self._in_host = True
        self.statistics.host_runs += 1
        try:
            ended = self._host.run(ENTRY)
            while not ended:  # stopped by `end_at`, perhaps inside a block
                host_address = self._host.resume_pc
                if self._host.met is not None:
                    self._cache.detour(self._host.pc, self._host.met)
                limit = min(self._limit, self.charged_limit)
                left = self._host.read_register(X[BUDGET]) + limit - self.charged_limit
                self._host.write_register(X[BUDGET], left & MASK64)
                self.charged_limit = limit
                ended = self._host.run(host_address)
                if ended and self._host.pc < EXIT:
                    return False
            return True
        except BaseException as error:
            if self._host.error_pc and not isinstance(error, CpuException):  # 0: it is not from an access
                self._settle_at(self._host.error_pc)
            raise
        finally:
            self._in_host = False
            if self.late_return.is_allowed:
                self.late_return.tell()

    def _fault(self) -> Stop | None:
        """A refused access: interpret the instruction; it raises the guest's exception or succeeds.

        Not if it has made others before, which would be made twice: it fails here. Two words at once may be.
        """
        host_pc = self._host.pc
        if self._host.polled_address is not None:
            self._settle_at(host_pc)
            return self._polls.skip(self._host.polled_address, self._breakpoints)
        if self._settle_at(host_pc) is None:  # the jump table has no entry for such an address
            return self._go_on(ARRIVED)
        if self._refuses:  # nothing that is translated makes several
            return self._interpret()
        *before, refused = self._cache.accesses_until(host_pc)
        if before and a64.size_of_access(refused) < 8:
            base, offset = a64.accessed(refused)
            address = self._host.read_register(X[base]) + offset & MASK32
            return Stop(StopReason.EXCEPTION, vector=Vector.ACCESS_ERROR, address=address)
        return self._interpret()

    def _is_polled(self, address: int) -> bool:
        """Whether the read about to be made shall leave translated code, for it may be one of a loop."""
        if not self.skips_polls or self._is_watching or self.flow is not None:
            return False
        return self._reads.leaves(address)

    def leave_out(self, instructions: int, cost: int) -> None:
        """Count instructions that are not executed, for nothing comes of them."""
        self.statistics.left_out += instructions
        self._elapsed += cost
        self._surplus += cost - instructions * self._usual_cost

    def _settle_at(self, host_pc: int) -> int | None:
        """Make `state` and the count say that the instruction at `host_pc` has not been executed."""
        if (position := self._cache.guest_position(host_pc)) is None:
            raise RuntimeError(f"translated code left its area: host pc {host_pc:#x}")
        return self._settle(position)

    def _settle(self, position: GuestPosition) -> int | None:
        """Make `state` and the count say that nothing has been executed from there on."""
        self._guest.settle(self.state, position.pc, position.kind)
        self._is_lent = False
        self._elapsed = self.charged_limit - 1 - self._guest.budget - position.unspent_cost
        self._surplus -= position.unspent * position.charge.surplus
        if position.pc is not None:
            self._notes.cut(position.pc, self._elapsed)
        return position.pc

    def _interpret(self) -> Stop | None:
        """Interpret the instruction at pc."""
        self.settle()
        self.late_return.forbid()  # it may change what is known of the return
        self.statistics.interpreted += 1
        pc = self.state.pc & ~1
        code = self._notes.interprets(pc)  # as it is before
        stop = self._stepper.step()
        if stop is None or stop.reason is not StopReason.EXCEPTION:
            charge = self._translator.charge_at(pc)
            self._elapsed += charge.cost
            self._surplus += charge.surplus
            self._notes.interpreted(pc, code, self._stepper.row, self.state.pc)
        if stop is None and self._elapsed >= self._limit and self._stepper.at_check_point(pc):
            return BUDGET_USED_UP
        return stop or (Stop(StopReason.WATCHED) if self._stepper.was_watched else None)

    def _block(self, pc: int) -> int | None:
        """The host address of the block at `pc`, translated if need be; None if there is no code memory."""
        psr = self.state.psr & MODE_BITS
        if not self._is_lent or psr != self._mode_psr:  # else nobody has changed FCR
            self._mode_psr, self._mode = psr, Mode.of(self.state, is_watching=self._refuses)
        if (known := self._cache.find(pc, self._mode)) is not None:
            return known
        link = self._host.read_register(X[LINK]) if self._is_lent else self.state.r[LINK]
        region = self._regions.region(pc, self._mode, self._breakpoints, link)
        if region is None:
            return None
        if self.flow is not None:
            self.flow.code(region.guest_ranges)
        return self._cache.place(region)

    def _translate_anew(self) -> None:
        self._is_outdated, teller = False, self._notes.teller
        options = replace(self._options, notes_flow=self.flow is not None, tells_code=teller is not None)
        if options != self._made_to_be:
            self._translate_with(options, self._store and self._store.sibling(options))
            self._cache.clear()

    def _translate_with(self, options: TranslationOptions, store: RegionStore | None) -> None:
        self._store, self._made_to_be = store, options
        self._translator = Translator(self._bus.regions, options, self._store_notes)
        self._regions = RegionSource(self._translator, store, self._store_notes, self.statistics)
