# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that would be read as something else than they are."""

from __future__ import annotations

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration import options as opt
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.model import drop_ins

STRANGE = ["a\nb", "a\x1b[2Jb", "a\0b", "a\x7f", "a\x9b", "a\u202eb", "a\u2028b", "a\u200bb"]
USUAL = ["10-limits", "grün", "日本", "a b", "a\udcffb", "🙂"]


@pytest.mark.parametrize("name", STRANGE)
def test_names_that_cannot_be_shown_are_refused(name: str) -> None:
    with pytest.raises(opt.InvalidValue) as refused:
        drop_ins({name: {"Service": {"Nice": 1}}})
    assert name not in str(refused.value)
    with pytest.raises(opt.InvalidValue):
        opt.absolute_path(f"/etc/{name}")


@pytest.mark.parametrize("name", USUAL)
def test_usual_names_are_taken(name: str) -> None:
    assert list(drop_ins({name: {"Service": {"Nice": 1}}})) == [name]
    assert opt.absolute_path(f"/etc/{name}") == f"/etc/{name}"
