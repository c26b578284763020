# SPDX-FileCopyrightText: The daemonic.systemd contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mapping that groups and hosts add to, each by a variable of its own."""

from __future__ import annotations

DOCUMENTATION = r"""
name: merged
short_description: Merge a variable with all variables whose names begin with its name and two underscores
version_added: 0.1.0
author: The daemonic.systemd contributors (@daemonic-systemd)
description:
  - Ansible takes a variable from the most specific place that sets it, and ignores the others. With this lookup each group
    and host adds to a mapping with its own variable, such as V(daemons_daemons__web) or V(daemons_daemons__host) in addition to
    V(daemons_daemons).
  - Variables are merged in Ansible's own order of precedence. Those of groups come first, a group after its parent groups, and
    groups of the same depth by C(ansible_group_priority) and then by name. Those of the host follow, and last those of a play,
    a task or the command line. So a host wins over its groups, whatever the variables are called. Variables of the same place
    are merged in the alphabetical order of their names, the variable itself first.
  - Later values win, mapping by mapping. All other values, including lists, are replaced.
  - If no group or host of the inventory sets the variable itself, it is that of a play or the default of a role, and
    comes before all others.
options:
  _terms:
    description: Names of variables. A variable that does not exist counts as empty.
    type: list
    elements: str
    required: true
  drop_null:
    description: Drop entries that are null after merging, so that a group or host can remove what another one has added.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: A host has the services of its groups, changes one and has not got another
  ansible.builtin.assert:
    that:
      - merged | list == ['clock']
      - merged.clock.interval == 1
      - merged.clock.zones == ['UTC']
  vars:
    merged: "{{ lookup('daemonic.systemd.merged', 'services', drop_null=true) }}"
    services: # in group_vars/all.yml
      clock:
        interval: 5
        zones: [UTC]
    services__web: # in group_vars/web.yml
      shop:
        port: 8000
    services__web1: # in host_vars/web1.yml
      clock:
        interval: 1
      shop:
"""

RETURN = r"""
_raw:
  description: A mapping for each name.
  type: list
  elements: dict
"""

from typing import Any, Callable, Iterable, Mapping

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

from ..module_utils._declaration.options import kind_of
from ..plugin_utils.precedence import ELSEWHERE, ranks_of


class LookupModule(LookupBase):
    def run(self, terms: list[str], variables: Mapping[str, Any] | None = None, **kwargs: Any) -> list[dict[str, Any]]:
        self.set_options(var_options=variables, direct=kwargs)
        found = [merged_variable(name, variables or {}, self._templar.template) for name in terms]
        return [without_null(each) for each in found] if self.get_option("drop_null") else found


def merged_variable(name: str, known: Mapping[str, Any], template: Callable[[Any], Any]) -> dict[str, Any]:
    """template: what a variable says → its value."""
    belonging = names_of(name, known)
    ranks = ranks_of(belonging, known) if len(belonging) > 1 else {}
    parts = {each: template(known[each]) for each in in_order(name, belonging, ranks)}
    for each, value in parts.items():
        if value is not None and not isinstance(value, Mapping):
            raise AnsibleError(f"The variable {each} must be a mapping to be merged into {name}, not {kind_of(value)}.")
    return merged(value for value in parts.values() if value is not None)


def names_of(name: str, known: Iterable[str]) -> list[str]:
    """The variables that belong to `name`, by name."""
    return sorted(each for each in known if each == name or each.startswith(f"{name}__"))


def in_order(name: str, names: Iterable[str], ranks: Mapping[str, int]) -> list[str]:
    """The first is merged first. ranks: variable → the place of the inventory that it comes from (precedence.py)."""

    def place(each: str) -> tuple[bool, int]:
        rank = ranks.get(each, ELSEWHERE)
        return rank == ELSEWHERE and each != name, rank

    return sorted(names, key=lambda each: (place(each), each))


def merged(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What comes later wins, mapping by mapping."""
    result: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            both = isinstance(value, Mapping) and isinstance(result.get(key), Mapping)
            result[key] = merged([result[key], value]) if both else value
    return result


def without_null(mapping: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if value is not None}
