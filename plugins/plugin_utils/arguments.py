# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of a task, held against the spec of its module. What is wrong is told without the values, which may be secrets:
where Ansible's own check fails, it prints the arguments, under no_log, too.
"""

from __future__ import annotations

from typing import Any, Mapping

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..module_utils._declaration.options import check_names, kind_of
from ..module_utils._declaration.problems import Problems, ValidationFailed
from ..module_utils._unitfile.suggest import did_you_mean

_KINDS = {
    "bool": ("must be true or false", "Write true or false."),
    "dict": ("must be a mapping", "Write key: value pairs, or leave it out."),
    "float": ("must be a number", "Write digits only."),
    "int": ("must be a whole number", "Write digits only."),
    "list": ("must be a list", "Write [a, b], or leave it out."),
    "path": ("must be a path", "Write it in quotes."),
    "str": ("must be a string", "Put it in quotes, or leave it out."),
}


def checked(given: Mapping[str, Any], spec: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The arguments with their defaults, each of its type. Raises ValidationFailed with all that is wrong."""
    problems = Problems()
    check_names("", given, spec, problems)
    problems.raise_if_any()
    validated = ArgumentSpecValidator(spec).validate(given)
    is_complete = all(given.get(name) is not None for name, each in spec.items() if each.get("required"))
    if is_complete and not validated.error_messages:
        return {**given, **validated.validated_parameters}
    for name, each in spec.items():
        if _is_wrong(name, given, each):
            problems.add(name, *_problem(given.get(name), each))
    problems.raise_if_any()
    raise TypeError("the options are wrong together, and none of them alone")


def _is_wrong(name: str, given: Mapping[str, Any], spec: Mapping[str, Any]) -> bool:
    if spec.get("required") and given.get(name) is None:
        return True
    alone = {name: given[name]} if name in given else {}
    return bool(ArgumentSpecValidator({name: spec}).validate(alone).error_messages)


def _problem(value: Any, spec: Mapping[str, Any]) -> tuple[Any, str, str]:
    """What is shown in place of the value, the problem, the remedy."""
    if value is None and spec.get("required"):
        return None, "this option is required", "Add it."
    choices = [str(choice) for choice in spec.get("choices") or ()]
    if choices and isinstance(value, (str, bool, int)):
        guess = did_you_mean(str(value), choices)
        hint = f"Did you mean {guess!r}? " if guess else ""
        # What is nearly one of them is no secret.
        return str(value) if guess else kind_of(value), "is not one of the choices", f"{hint}Choose one of: {', '.join(choices)}."
    problem, remedy = _KINDS.get(spec.get("type", "str"), ("cannot be read", "See the documentation of the module."))
    elements = spec.get("elements") if isinstance(value, list) else None
    if elements:
        return "a list", f"has an item that {_KINDS[elements][0]}", _KINDS[elements][1]
    return kind_of(value), problem, remedy


def refusal(refused: ValidationFailed) -> dict[str, Any]:
    """The result of a task whose arguments are wrong: the place in the playbook is that of the task, which Ansible adds."""
    return {"failed": True, "changed": False, "msg": refused.message, "problems": [each.as_result() for each in refused.problems]}


def show_no_arguments(task: Any) -> None:
    """When a task fails that stands in no file, as one of `ansible -m`, Ansible prints its arguments in place of its lines."""
    if not task.get_path():
        task._ds = None
