# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host wins over its groups, and a group over those that it is in, whatever their variables are called."""

from __future__ import annotations

import os
from typing import Any, Mapping

import pytest
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.vars.manager import VariableManager
from ansible_collections.daemonic.systemd.plugins.lookup.merged import merged_variable

INI = "[inner]\nh1\n[outer:children]\ninner\n[alike]\nh1\n[zeta]\nh1\n[rank]\nh1\n[rank:vars]\nansible_group_priority=10\n"


def looked_up(folder: Any, files: Mapping[str, str], play: Mapping[str, Any] | None = None, ini: str = INI) -> Any:
    """What the lookup makes of `d` for the host h1 of a real inventory."""
    for path, text in {"hosts": ini, **files}.items():
        target = os.path.join(str(folder), path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "w", encoding="utf-8") as stream:
            stream.write(text)
    loader = DataLoader()
    loader.set_basedir(str(folder))
    inventory = InventoryManager(loader=loader, sources=[os.path.join(str(folder), "hosts")])
    manager = VariableManager(loader=loader, inventory=inventory)
    known = {**manager.get_vars(host=inventory.get_host("h1")), **(play or {})}
    from ansible.vars.hostvars import HostVars

    known["hostvars"] = HostVars(inventory=inventory, variable_manager=manager, loader=loader)
    return merged_variable("d", known, Templar(loader=loader, variables=known).template)


def said(variable: str, word: str) -> str:
    return f"{variable}: {{site: {{by: {word}}}}}\n"


@pytest.mark.parametrize(("first", "second"), [("a", "z"), ("z", "a")])
@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [
        pytest.param("group_vars/inner.yml", "host_vars/h1.yml", id="host over group"),
        pytest.param("group_vars/outer.yml", "group_vars/inner.yml", id="a group over the one that it is in"),
        pytest.param("group_vars/all.yml", "group_vars/alike.yml", id="a group over all"),
        pytest.param("group_vars/alike.yml", "group_vars/zeta.yml", id="of one depth by name"),
        pytest.param("group_vars/zeta.yml", "group_vars/rank.yml", id="of one depth by ansible_group_priority"),
        pytest.param("group_vars/rank.yml", "group_vars/inner.yml", id="depth over ansible_group_priority"),
        pytest.param("group_vars/rank/more.yml", "host_vars/h1/more.yml", id="folders"),
    ],
)
def test_the_stronger_wins_in_both_orders_of_names(tmp_path: Any, weaker: str, stronger: str, first: str, second: str) -> None:
    files = {weaker: said(f"d__{first}", "weaker"), stronger: said(f"d__{second}", "stronger")}
    assert looked_up(tmp_path, files) == {"site": {"by": "stronger"}}


@pytest.mark.parametrize(("first", "second"), [("a", "z"), ("z", "a")])
def test_a_host_takes_away_what_its_group_brings(tmp_path: Any, first: str, second: str) -> None:
    files = {"group_vars/inner.yml": said(f"d__{first}", "group"), "host_vars/h1.yml": f"d__{second}: {{site: }}\n"}
    assert looked_up(tmp_path, files) == {"site": None}


@pytest.mark.parametrize(("first", "second"), [("a", "z"), ("z", "a")])
def test_variables_in_the_inventory_file(tmp_path: Any, first: str, second: str) -> None:
    host = f'h1 d__{first}=\'{{"site": {{"by": "host"}}}}\''
    ini = f"[inner]\n{host}\n[inner:vars]\nd__{second}={{'site': {{'by': 'group'}}}}\n"
    assert looked_up(tmp_path, {}, ini=ini) == {"site": {"by": "host"}}


@pytest.mark.parametrize("name", ["d__a", "d__z"])
def test_a_play_wins_over_the_inventory(tmp_path: Any, name: str) -> None:
    files = {"host_vars/h1.yml": said("d__m", "host")}
    assert looked_up(tmp_path, files, {name: {"site": {"by": "play"}}}) == {"site": {"by": "play"}}


def test_the_variable_itself(tmp_path: Any) -> None:
    """Of a play or a role it is what all others change; in the inventory it counts where it stands."""
    group = {"group_vars/inner.yml": said("d__inner", "group")}
    assert looked_up(tmp_path / "a", group, {"d": {"site": {"by": "play"}}}) == {"site": {"by": "group"}}
    assert looked_up(tmp_path / "b", {**group, "group_vars/all.yml": said("d", "all")}) == {"site": {"by": "group"}}
    assert looked_up(tmp_path / "c", {**group, "host_vars/h1.yml": said("d", "host")}) == {"site": {"by": "host"}}


def test_those_of_one_place_by_name(tmp_path: Any) -> None:
    text = said("d__b", "b") + said("d__a", "a") + said("d", "itself")
    assert looked_up(tmp_path, {"group_vars/inner.yml": text}) == {"site": {"by": "b"}}
