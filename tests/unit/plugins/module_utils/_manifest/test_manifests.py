# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a stack owns, on record before it is acted on: no interruption loses track of anything."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.daemonic.systemd.plugins.module_utils._dataclasses import replace
from ansible_collections.daemonic.systemd.plugins.module_utils._manifest import manifests
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import Manifest
from ansible_collections.daemonic.systemd.tests.unit.properties import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .._plan.test_plan_properties import STACKS, a_host, run
from ..builders import daemon, desired, units_of
from ..simulated_host import deployed

PROPERTY = settings(
    max_examples=examples(50), deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


@PROPERTY
@given(STACKS, STACKS)
def test_intent_holds_all_that_was_and_all_that_will_be(one: dict[str, Any], other: dict[str, Any]) -> None:
    host = a_host()
    run(host, one)
    wanted = host.declare(**other)
    observed, planned = host.observe(wanted), host.plan(wanted)
    intent = manifests.intent(wanted, observed, planned)
    outcome = manifests.outcome(wanted, observed, planned, observed)
    assert observed.manifest is not None
    for manifest in (observed.manifest, outcome):
        assert set(manifest.files) <= set(intent.files)
        assert set(manifest.links) <= set(intent.links)
        assert set(manifest.directories) <= set(intent.directories)
        assert set(manifest.owned) <= set(intent.owned)
        assert set(manifest.originals) <= set(intent.originals)
    assert (intent.complete, outcome.complete) == (False, True)
    assert intent.units == observed.manifest.units


@PROPERTY
@given(STACKS, STACKS)
def test_outcome_is_what_lies_on_the_host(one: dict[str, Any], other: dict[str, Any]) -> None:
    host = a_host()
    before = host.tree()
    run(host, one)
    run(host, other)
    assert host.manifest is not None
    assert {path: state.sha256 for path, state in host.files.items() if path not in before[1]} == host.manifest.files
    assert host.links == host.manifest.links
    assert host.directories - before[0] - {host.scope.state_directory} == set(host.manifest.directories)


def test_outcome_records_what_each_unit_was_started_with() -> None:
    params = {"daemons": {"a": daemon(), "b": daemon(state="stopped")}}
    host = deployed(**params)
    stamps = units_of(desired(**params))["a.service"].stamps
    assert host.manifest is not None
    assert host.manifest.units == {"a.service": {**stamps.as_record(host.unit("a.service").invocation), "foreign": {}}}


@PROPERTY
@given(
    st.builds(
        Manifest,
        stack=st.text(),
        complete=st.booleans(),
        files=st.dictionaries(st.text(), st.text()),
        links=st.dictionaries(st.text(), st.text()),
        directories=st.lists(st.text()).map(tuple),
        units=st.dictionaries(st.text(), st.fixed_dictionaries({"stamp": st.text(), "invocation": st.text()})),
    )
)
def test_manifest_survives_json(manifest: Manifest) -> None:
    assert Manifest.from_json(json.loads(json.dumps(manifest.as_json()))) == manifest


def test_exposures_are_kept_of_the_services_that_are_declared() -> None:
    params: dict[str, Any] = {"daemons": {"echo": daemon()}}
    wanted, host = desired(**params), deployed(**params)
    observed = replace(host.observe(wanted), exposure={"echo.service": 9.6, "gone.service": 1.0})
    assert manifests.outcome(wanted, observed, host.plan(wanted), observed).exposure == {"echo.service": 9.6}
