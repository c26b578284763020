# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A decision is carried out: apply, settle, record; or roll back what fails."""

from __future__ import annotations

import contextlib
from itertools import groupby
from typing import Callable, Iterator, List, Mapping, Sequence

from ..._dataclasses import replace
from ..._health.failure import Failure
from ..._health.last_look import last_look, of_others, still_down
from ..._health.watched import Watched, watched
from ..._manifest import manifests
from ..._manifest.history import History
from ..._plan.actions import Action, PutBack, RemoveRelease, Restart, Start
from ..._plan.observed import Manifest, Observed, UnitState
from ..._plan.plan import Plan
from ..._plan.proven import seen_healthy, unproven
from ..._result.failure_report import FailureReport
from ..health.settle import settle
from ..io.commands import CommandFailed, HostError
from ..io.context import HostContext
from ..io.journal import last_lines
from ..io.task import told
from ..observation.foreign import foreign_of, with_given
from ..observation.observe import declared_paths, missing_accounts, unit_states
from ..preflight.exposure import judge_after
from .credentials import seal
from .decision import Decision


class TransactionFailed(Exception):
    """The host is not as declared. story: why, and what became of it; after: the host as it is now. is_proven: what it runs
    was seen healthy by an earlier run.
    """

    def __init__(self, story: FailureReport, after: Observed, is_proven: bool = False) -> None:
        self.story = story
        self.after = after
        self.is_proven = is_proven
        super().__init__(story.text)


class NotRecorded(HostError):
    """The host runs what is declared and was seen healthy, but that could not be put on record."""

    def __init__(self, error: OSError) -> None:
        state = "The host runs what is declared, and was seen healthy; only its record is not complete."
        super().__init__(f"{told(error)} {state}")


class _ActionFailed(Exception):
    """Units are not well, or something could not be done."""

    def __init__(self, story: FailureReport) -> None:
        self.story = story
        super().__init__(story.text)


# Asks the host what nothing else does, when all units are well: what is not.
Ask = Callable[[], List[Failure]]


def carry_out(decision: Decision, context: HostContext, history: History | None = None, ask: Ask | None = None) -> Observed:
    """Apply the plan, prove the units healthy, record what the stack owns. Returns the host as it is then.

    history: to be on record when all went well.

    Raises NotStaged or NotSealed when nothing was changed, else TransactionFailed: the host is as it was before, unless the
    declaration forbids that or it is impossible.
    """
    transaction = _Transaction(seal(decision, context), context)
    try:
        after = transaction.attempt(ask)
    except _ActionFailed as trouble:
        if decision.plan.actions and decision.stack.rollback_on_failure:
            raise transaction.put_back(trouble.story) from trouble
        # What was there before stays beside its place: the next run has to prove what this one leaves, or to take it back.
        raise TransactionFailed(trouble.story, transaction.look_again()) from trouble
    try:
        return transaction.finish(after, history)
    except OSError as error:
        raise NotRecorded(error) from error


class _Transaction:
    def __init__(self, decision: Decision, context: HostContext) -> None:
        self._desired = decision.desired
        self._found = decision.observed
        self._unproven = unproven(decision.desired, decision.observed)
        self._before = self._unproven.before
        self._lost: list[str] = []
        self._intent: Manifest | None = None
        self._plan = decision.plan
        self._stack = decision.stack
        self._unjudged = decision.unjudged
        self._makes_key = decision.keeping.is_new
        self._context = context
        self._disk = context.disk

    # Forward

    def attempt(self, ask: Ask | None = None) -> Observed:
        """Raises _ActionFailed or NotStaged."""
        if self._found.manifest and self._found.was_interrupted:
            needed = self._unproven.paths or {}
            self._disk.sweep(manifests.ever_written(self._found.manifest, self._desired), needed)
            self._lost = self._disk.take_over(needed)
        try:
            complaints = self._apply_plan() if self._plan.actions else []
            self._disk.tell(f"settle {' '.join(self._plan.watch)}")
            failures = settle(watched(self._desired, self._found, self._plan, self._stack.settle), self._context.commands)
            failures = of_others(failures, self._desired, self._found)
            failures += ask() if ask and not (failures or complaints) else []
            scores, exposed = judge_after(self._unjudged, self._stack.max_exposure, self._context.commands)
            failures += exposed
            after = self.look_again()
            after = replace(after, exposure={**after.exposure, **scores})
            complaints = [f"systemctl: {said}" for said in complaints]
            if not (failures or complaints):
                found = last_look(self._desired, self._plan, self._found, after)
                failures, complaints = list(found.failures), list(found.complaints)
            if self._intent and not (failures or complaints):
                self._record(seen_healthy(self._intent, self._outcome(after), after))
        except (CommandFailed, OSError) as error:
            raise _ActionFailed(FailureReport(complaints=(_told(error),))) from error
        except HostError:
            raise
        except Exception as error:  # a changed host is rolled back, whatever went wrong
            if self._intent is None:
                raise
            raise _ActionFailed(FailureReport(complaints=(_told(error),))) from error
        if failures or complaints:
            raise _ActionFailed(FailureReport(tuple(failures), self._last_lines(failures), tuple(complaints)))
        return after

    def _last_lines(self, failures: Sequence[Failure]) -> Mapping[str, list[str]]:
        """What cannot be read keeps no rollback from happening."""
        try:
            return last_lines(failures, self._context.commands)
        except Exception as error:  # others have written what is read here
            return {failure.unit: [f"(its last lines cannot be read: {type(error).__name__})"] for failure in failures}

    def _apply_plan(self) -> list[str]:
        """The intent is on record before the first action, and off it when not even the files could be staged."""
        from .apply import NotStaged

        record = self._desired.scope.manifest_path(self._desired.stack)
        try:
            self._intent = manifests.intent(self._desired, self._found, self._plan)
            self._disk.keep_file(record)
            self._record(self._intent)
        except OSError as error:
            self._disk.put_back(record)
            raise NotStaged.at(record, error) from error
        try:
            if self._plan.ahead:
                self._apply(self._plan.ahead)
            return self._apply(self._plan.first)
        except NotStaged as error:
            from ..._plan.rollback import undo

            with contextlib.suppress(OSError):  # the disk is full; a record that says too much does no harm
                self._apply(undo(self._plan.ahead, self._desired, self._found, {}).actions)
                self._disk.put_back(record)
                if self._found.manifest is None:
                    self._record(None)
            if self._new_accounts():
                raise NotStaged(f"{error}\nOnly accounts were made, which stay: {', '.join(self._new_accounts())}.") from error
            raise

    def look_again(self) -> Observed:
        """The units, and declared paths, as they are now; what a run without actions has seen is still true."""
        if not (self._plan.actions or self._plan.watch):
            return self._found
        scope, manifest = self._desired.scope, self._before.manifest
        states = unit_states(self._looked_at, self._context.commands) if scope.has_manager else {}
        states = states if self._desired.is_partial else with_given(states, manifest)
        looked = foreign_of(self._desired, states, manifest, self._disk)
        paths = {**self._found.paths, **declared_paths(self._desired, self._disk)}
        return replace(self._found, units=self._with_skipped(states), paths=paths, foreign=looked.foreign)

    @property
    def _looked_at(self) -> list[str]:
        """The units of the stack, and those that this run has moved along."""
        return [*self._desired.unit_names, *sorted(self._found.along - set(self._desired.unit_names))]

    def _with_skipped(self, states: Mapping[str, UnitState]) -> Mapping[str, UnitState]:
        """Nothing is imported where all that was started is up."""
        if not any(states[name].is_forgotten for name in self._plan.watch if name in states):
            return states
        from ..._health.skipped import with_skipped
        from ..health.diagnostics import HostEvidence

        units = {unit.name: unit for unit in self._desired.units}
        return with_skipped(states, self._plan.watch, units, HostEvidence(self._context.commands))

    def finish(self, after: Observed, history: History | None) -> Observed:
        """From here on nothing is rolled back. Returns the host with the releases that stay, since they are in use."""
        self._disk.forget()
        after = self._spare_what_runs(after)
        self._apply(self._plan.last)
        if history is not None:
            self._disk.write_json(self._desired.scope.history_path(self._desired.stack), history.as_json())
        before, acted = self._found.manifest, bool(self._plan.actions)
        outcome = self._outcome(after)
        if outcome is None:
            if acted or before is not None or not self._desired.is_partial:
                self._record(None)
            return after
        if acted:
            self._disk.remove_directory_if_empty(self._desired.scope.originals_directory(self._desired.stack))
        if acted or before is None or outcome.as_json() != before.as_json():
            self._record(outcome)
        return after

    def _spare_what_runs(self, after: Observed) -> Observed:
        """A process may have begun, or have outlived its unit, since the plan was made: its release goes with a later run."""
        going = [action.target for action in self._plan.last if isinstance(action, RemoveRelease)]
        if not going or self._disk.is_image:
            return replace(after, in_use={})
        from ..io.processes import processes_in  # most runs do without

        in_use = processes_in(going)
        self._plan = self._plan.without_removal_of(in_use)
        return replace(after, in_use=in_use)

    def _outcome(self, after: Observed) -> Manifest | None:
        """What is to be on record; None for nothing."""
        outcome = manifests.outcome(self._desired, self._found, self._plan, after)
        is_gone = self._stack.state == "absent" and not after.in_use
        return None if is_gone or manifests.is_empty(outcome, self._desired) else outcome

    # Back

    def put_back(self, story: FailureReport) -> TransactionFailed:
        """What this transaction has changed is made what it was; units that ran run again, and prove to be healthy."""
        from ..._plan.rollback import late_stops, on_their_way, undo

        done: list[Action] = []
        troubles = [f"what {path} was before the run that was cut off is not known any more" for path in self._lost]
        after = replace(self._before, units={})
        try:
            now = self._states()
            way_back = undo(self._plan.actions, self._desired, self._before, now, self._unproven.earlier)
            for actions in _steps(way_back):
                done += actions
                troubles += self._try(actions)
            moved = self._states()
            stops = late_stops(self._before, moved)
            done += stops
            troubles += self._try(stops)
            names = tuple(sorted({*way_back.watch, *on_their_way(self._before, moved)}))
            self._disk.tell(f"settle {' '.join(names)}")
            troubles += [
                f"{failure.unit} {failure.problem}"
                for failure in settle(self._watched(names, way_back, now), self._context.commands)
            ]
            exposure = self._before.manifest.exposure if self._before.manifest else {}
            after = replace(self._before, units=self._states(), exposure=exposure)
            troubles += still_down(self._desired, self._before, after) if not troubles else []
            if not troubles:
                self._record_return(after)
        except Exception as error:  # the report must say what state the host is in
            troubles.append(_told(error))
            with contextlib.suppress(CommandFailed, OSError):  # what the units do now, if systemd can still tell
                after = replace(after, units=self._states())
        told = story.put_back(done, troubles, after.units, self._new_accounts(), self._returned_to())
        return TransactionFailed(told, after, told.was_put_back and self._before.manifest is not None)

    def _record_return(self, after: Observed) -> None:
        """Where the disk is full by now the old record comes back, which lacks in which start each unit is now."""
        self._disk.remove_directory_if_empty(self._desired.scope.originals_directory(self._desired.stack))
        if self._makes_key:
            self._disk.remove_for_good(self._desired.scope.digest_key_path)
        path, manifest = self._desired.scope.manifest_path(self._desired.stack), manifests.put_back(self._before, after)
        if manifest is None:
            self._disk.forget()
            self._record(None)
            return
        try:
            self._disk.write_json(path, manifest.as_json(), is_last=True)
        except OSError:
            self._disk.put_back(path)
            self._disk.forget()

    def _returned_to(self) -> str:
        """What the host is when all was put back: a key of failure_report.RETURNED."""
        if not self._unproven.was_interrupted:
            return "before"
        return "proven" if self._unproven.is_known else "unproven"

    def _new_accounts(self) -> list[str]:
        """Those that were made, and that stay."""
        missed = self._found.missing_accounts if self._plan.ahead else frozenset()
        return sorted(missed - missing_accounts(self._desired, self._disk)) if missed else []

    def _watched(self, names: tuple[str, ...], way_back: Plan, now: Mapping[str, UnitState]) -> Watched:
        """What was only reloaded counts its automatic restarts on."""
        started = {action.target for action in way_back.actions if isinstance(action, (Start, Restart))}
        restarts = {name: now[name].restarts for name in names if name in now and name not in started}
        may_end = {unit.name for unit in self._desired.units if unit.runs_once}
        return Watched(names, self._stack.settle, may_end, restarts)

    def _try(self, actions: Sequence[Action]) -> list[str]:
        """What cannot be done keeps nothing else from being done."""
        try:
            return self._apply(actions)
        except Exception as error:
            return [_told(error)]

    # Both

    def _apply(self, actions: Sequence[Action]) -> list[str]:
        if not actions:
            return []
        from .apply import apply  # a run without changes does without

        return apply(actions, self._desired.scope.linger_path, self._disk, self._context.commands)

    def _states(self) -> Mapping[str, UnitState]:
        """All units of which the plan knew; none where a manager that did not run before does not run."""
        if not self._desired.scope.has_manager:
            return {}
        try:
            return unit_states([*self._before.units, *self._desired.unit_names], self._context.commands)
        except CommandFailed:
            if self._found.manager_runs:
                raise
            return {}  # it has ended with the lingering that was taken back, or it never came up

    def _record(self, manifest: Manifest | None) -> None:
        scope, stack = self._desired.scope, self._desired.stack
        if manifest is not None:
            self._disk.write_json(scope.manifest_path(stack), manifest.as_json())
            return
        self._disk.remove_for_good(scope.history_path(stack))
        self._disk.remove_for_good(scope.manifest_path(stack))
        if not any(name.endswith(".json") for name in self._disk.names_in(scope.state_directory)):
            self._disk.remove_for_good(scope.digest_key_path)
        for directory in (scope.originals_directory(stack), scope.credentials_directory, *scope.state_parents):
            self._disk.remove_directory_if_empty(directory)


def _told(error: Exception) -> str:
    if isinstance(error, OSError):
        return told(error)
    return (
        str(error)
        if isinstance(error, HostError)
        else f"A fault of the collection, {type(error).__name__}: {error}. Please report it."
    )


def _steps(plan: Plan) -> Iterator[list[Action]]:
    """One path at a time, so that one that resists does not keep the others from coming back."""
    for kind, group in groupby(plan.actions, key=type):
        actions = list(group)
        yield from ([action] for action in actions) if kind is PutBack else [actions]
