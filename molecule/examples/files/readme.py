# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""readme.py README INVENTORY FOLDER: make the example of a role's README a project that can be run.

A block of YAML whose first line names a file is that file; one that begins with a play is site.yml. Every group that is
named has all hosts, and host_vars are those of the first host.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path


def main() -> None:
    readme, bed, folder = map(Path, sys.argv[1:])
    hosts = bed.read_text(encoding="utf-8")
    first = hosts.split("[bed]\n")[1].split()[0]
    groups: set[str] = set()
    plays = []
    for block in re.findall(r"^```yaml\n(.*?)^```", readme.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        named = re.match(r"# (\S+\.yml)\n", block)
        path = Path(named.group(1) if named else "site.yml")
        if path.parent.name == "host_vars":
            path = path.with_stem(first)
        if path.parent.name == "group_vars":
            groups.add(path.stem)
        if path.name == "site.yml":
            groups |= set(re.findall(r"^- hosts: (\w+)$", block, re.MULTILINE))
            plays.append(block)
        else:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(block, encoding="utf-8")
    (folder / "site.yml").write_text("---\n" + "\n".join(plays), encoding="utf-8")
    members = [f"[{group}:children]\nbed\n" for group in sorted(groups - {"all", "bed"})]
    (folder / "inventory").write_text(hosts + "\n".join(["", *members]), encoding="utf-8")


if __name__ == "__main__":
    main()
