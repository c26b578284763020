# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the filters have in common: errors that a task shows, and values that are one or many."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Callable, Iterator

from ansible.errors import AnsibleFilterError

from ..module_utils._declaration.options import kind_of
from ..module_utils._declaration.problems import ValidationFailed
from ..module_utils._unitfile.names import BadUnitName
from ..module_utils._unitfile.syntax import UnitSyntaxError, UnsuitableValue


@contextmanager
def failing_as(name: str) -> Iterator[None]:
    """What the pure core refuses fails the task, with the name of the filter and the remedy."""
    try:
        yield
    except (BadUnitName, UnitSyntaxError, UnsuitableValue) as error:
        raise AnsibleFilterError(f"{name}: {error}.") from None
    except ValidationFailed as refused:
        raise AnsibleFilterError(f"{name}: {' '.join(str(problem) for problem in refused.problems)}") from None


def text_of(value: Any, what: str) -> str:
    """A text; a number, such as a port, is one, too."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise AnsibleFilterError(f"{what} must be a text, not {kind_of(value)}.")
    return str(value)


def each(value: Any, what: str, convert: Callable[[str], str]) -> Any:
    """One text → one text, a list → a list."""
    if isinstance(value, (list, tuple)):
        return [convert(text_of(item, f"each item of {what}")) for item in value]
    return convert(text_of(value, what))
