#!/usr/bin/python
# SPDX-FileCopyrightText: The daemonic.systemd contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: stack
"""

from ..module_utils._host.entry import run
from ..module_utils._stack.arguments import STACK


def main() -> None:
    run(STACK, lambda params: params)


if __name__ == "__main__":
    main()
