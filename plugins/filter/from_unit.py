# SPDX-FileCopyrightText: The daemonic.systemd contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: from_unit
short_description: Read the text of a unit file
version_added: 0.1.0
author: The daemonic.systemd contributors (@daemonic-systemd)
description:
  - Parses the text of a unit file, a drop-in, or a file of systemd's own configuration into the structure that
    P(daemonic.systemd.to_unit#filter) and the C(units) of M(daemonic.systemd.stack) take.
  - The structure keeps everything that the file says. P(daemonic.systemd.to_unit#filter) turns it back into a file with the same
    meaning, or with O(comments=true) into exactly the same text.
  - A line that systemd would skip with a warning is an error.
positional: _input
options:
  _input:
    description: The text.
    type: str
    required: true
  comments:
    description:
      - Also keep how the file is written - comments, blank lines, white space, continued lines, the order of everything.
      - The result is then a list with one entry for each line, see RV(_value).
    type: bool
    default: false
seealso:
  - plugin: daemonic.systemd.to_unit
    plugin_type: filter
"""

EXAMPLES = r"""
- name: What a unit says
  ansible.builtin.assert:
    that:
      - unit.Service.ExecStart == ["", "/usr/bin/clock --fast"]
      - unit.Unit.Description == "A clock"
      - unit | daemonic.systemd.to_unit == text | regex_replace("#.*\n", "")
  vars:
    text: |
      # Changed by the shop
      [Unit]
      Description=A clock

      [Service]
      ExecStart=
      ExecStart=/usr/bin/clock --fast
    unit: "{{ text | daemonic.systemd.from_unit }}"

- name: Add a directive to a file, and keep its comments
  ansible.builtin.assert:
    that:
      - lines[1].text == "[Service]\n"
      - lines[2].value == "5"
      - (lines + [more]) | daemonic.systemd.to_unit == text ~ "Nice=10\n"
  vars:
    text: |
      # How nice it is was found out by trial.
      [Service]
      Nice=5
    lines: "{{ text | daemonic.systemd.from_unit(comments=true) }}"
    more:
      section: Service
      key: Nice
      value: 10
"""

RETURN = r"""
_value:
  description:
    - A mapping of sections to mappings of directives to values, in the order of the file. A value is text; an empty one is
      a reset. A repeated directive has a list of values. Where grouping the repetitions would change their meaning, as with
      alternating C(ListenStream=) and C(ListenDatagram=), the section is a list of such mappings.
    - With O(comments=true) a list of mappings. C({section, text}) is a header, C({section, key, value, text}) an
      assignment, C({text}) comments and blank lines. C(text) is the text in the file.
  type: raw
  sample:
    Service:
      ExecStart: ["", /usr/bin/clock --fast]
"""

from typing import Any, Callable

from ..module_utils._unitfile.structure import lines_of, sections_of
from ..plugin_utils.filtering import failing_as, text_of


def from_unit(value: Any, comments: bool = False) -> Any:
    with failing_as("from_unit"):
        text = text_of(value, "the input of from_unit")
        return lines_of(text) if comments else sections_of(text)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"from_unit": from_unit}
