# SPDX-FileCopyrightText: The daemonic.systemd contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which place of the inventory a variable of a host comes from, in Ansible's own order: groups from the outermost to the
innermost, among those of one depth by ansible_group_priority and then by name, and last the host itself.

A variable alone does not tell. So each place is asked for its variables by the functions that Ansible itself asks with
(VariableManager.get_vars); what they have read stays in their cache.
https://docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html#how-variables-are-merged
"""

from __future__ import annotations

from typing import Any, Iterable, Mapping

from ansible.inventory.helpers import sort_groups
from ansible.vars.plugins import get_vars_from_inventory_sources, get_vars_from_path

# Where nothing in the inventory has a variable: of a play, a role, a task or the command line.
ELSEWHERE = -1


def ranks_of(names: Iterable[str], variables: Mapping[str, Any]) -> dict[str, int]:
    """Variable → the number of the innermost place that has it, the first 0; ELSEWHERE for others."""
    wanted = set(names)
    ranks = dict.fromkeys(wanted, ELSEWHERE)
    for number, known in enumerate(_places(variables)):
        ranks.update(dict.fromkeys(wanted & known, number))
    return ranks


def _places(variables: Mapping[str, Any]) -> list[set[str]]:
    """The names of the variables of each group of the host, and of the host, in the order in which Ansible reads them."""
    hostvars = variables.get("hostvars")
    inventory, loader = getattr(hostvars, "_inventory", None), getattr(hostvars, "_loader", None)
    if inventory is None or loader is None:
        return []
    host = inventory.get_host(variables.get("inventory_hostname", ""))
    if host is None:
        return []
    # pylint: disable-next=protected-access
    sources = inventory._sources  # no public name leads there; VariableManager uses this one, too
    found = []
    for place in (*sort_groups(host.get_groups()), host):
        known = set(place.vars)
        for stage in ("inventory", "task"):
            known |= set(get_vars_from_inventory_sources(loader, sources, [place], stage))
            known |= set(get_vars_from_path(loader, loader.get_basedir(), [place], stage))
        found.append(known)
    return found
