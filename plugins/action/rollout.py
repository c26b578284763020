# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shell of the playbooks: what the variables of the hosts say goes into the pure core, its decision becomes a result."""

from __future__ import annotations

import os
from typing import Any, Callable, ClassVar, Iterable, Mapping

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import lookup_loader
from ansible.utils.vars import load_extra_vars

from ..module_utils._declaration.problems import Problems, ValidationFailed
from ..module_utils._text import all_visible
from ..plugin_utils.arguments import checked, refusal, show_no_arguments
from ..plugin_utils.rollout import settings as opt
from ..plugin_utils.rollout import steps
from ..plugin_utils.rollout.batches import sizes
from ..plugin_utils.rollout.outcome import PYTHON, RESULT
from ..plugin_utils.rollout.report import report
from ..plugin_utils.rollout.settings import Settings
from ..plugin_utils.rollout.steps import Fleet, Run

# What the tasks of the playbooks register for a host.
REGISTERED = (
    *(
        "deploy_batch",
        "deploy_looked",
        "deploy_held",
        "deploy_drained",
        "deploy_failure",
        "deploy_judged",
        "deploy_stuck",
        "deploy_units",
    ),
    *("deploy_gate_failure", "deploy_end", "deploy_returned", "deploy_unsure", PYTHON, RESULT),
)


class ActionModule(ActionBase):
    """Runs once for all hosts of a batch, and needs none of them."""

    _requires_connection = False
    _supports_check_mode = True
    _spec: ClassVar[dict[str, Any]] = {
        "step": {
            "type": "str",
            "required": True,
            "choices": ["check", "begin", "look", "judge", "end", "abort", "returned", "report"],
        },
        "kind": {"type": "str", "default": "deploy", "choices": ["deploy", "rollback"]},
        "back": {"type": "dict"},
    }

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        show_no_arguments(self._task)
        super().run(tmp, task_vars)
        try:
            args = checked(self._task.args, self._spec)
            step: Callable[..., dict[str, Any]] = getattr(self, f"_{args['step']}")
            result = step(args, task_vars or {})
        except ValidationFailed as refused:
            return refusal(refused)
        return {"changed": False, **result}

    # Before any host is touched

    def _check(self, args: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
        problems = Problems()
        target = self._settings_of(known, known["inventory_hostname"])["deploy_target"] or "all"
        within = set(known["ansible_play_hosts_all"])
        hosts = [host for host in self._matching(target, known) if host in within]
        if not hosts:
            problems.add(
                "deploy_target", target, "no host is meant by it", "Name hosts or a group of the inventory, or look at --limit."
            )
            problems.raise_if_any()
        settings = self._settings(args["kind"], known, hosts, problems)
        for name in opt.FILES:
            self._check_file(f"{opt.PREFIX}{name}", getattr(settings, name), problems)
        said = load_extra_vars(self._loader)
        own = {*REGISTERED, "deploy_plan", "deploy_kind", "deploy_state", "deploy_back", "deploy_report", "deploy_abortion"}
        sentences = opt.check_names(list(known), list(said), own, problems)
        problems.raise_if_any()
        for sentence in sentences:
            self._display.warning(sentence)
        number = len(sizes(len(hosts), settings.batches))
        files = {name: os.path.abspath(path) if path else "" for name in opt.FILES for path in [getattr(settings, name)]}
        return {**files, "msg": f"{len(hosts)} hosts in {number} batches."}

    def _check_file(self, name: str, path: str, problems: Problems) -> None:
        if not path:
            return
        if not os.path.isfile(path):
            remedy = "Write its whole path, as '{{ inventory_dir }}/tasks.yml', or one from the directory you are in."
            problems.add(name, path, f"there is no such file ({os.path.abspath(path)})", remedy)
            return
        try:
            content = self._loader.load_from_file(os.path.abspath(path))
        except AnsibleError as error:
            problems.add(name, path, f"it cannot be read: {error}", "Fix it.")
            return
        if not isinstance(content, list) or not all(isinstance(task, dict) for task in content):
            problems.add(name, path, "it is no list of tasks", "Write tasks alone, without a play around them.")
        elif any("hosts" in task for task in content):
            problems.add(name, path, "it is a playbook", "Write its tasks alone.")

    def _begin(self, args: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
        """What hosts: and serial: of the play were told must be what the variables of the hosts say."""
        hosts, batch = list(known["ansible_play_hosts_all"]), list(known["ansible_play_batch"])
        problems = Problems()
        run = self._run_of(args, known)
        meant = set(self._matching(run.settings.target, known))
        result = steps.begin(run, hosts, batch)
        remedy = "Ansible reads it before it knows the inventory: say it with -e, or as vars of import_playbook."
        if not meant.issuperset(hosts):
            problems.add("deploy_target", run.settings.target, "the play has begun with other hosts", remedy)
        elif result["expected"] != len(batch):
            problems.add("deploy_batches", ", ".join(run.settings.batches), "the play has begun with other batches", remedy)
        problems.raise_if_any()
        return result

    # In a batch

    def _look(self, args: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
        return steps.after_look(self._run_of(args, known), _fleet(known, known["deploy_batch"]["hosts"]))

    def _judge(self, args: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
        return steps.after_transactions(self._run_of(args, known), _fleet(known, known["deploy_batch"]["hosts"]))

    def _end(self, args: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
        fleet = _fleet(known, known["deploy_batch"]["hosts"])
        return steps.end(self._run_of(args, known), fleet, known["deploy_judged"], known["deploy_batch"])

    def _returned(self, args: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
        back = args["back"]
        return steps.after_return(self._run_of(args, known), _fleet(known, back["hosts"]), back["put_back"])

    # After all batches

    def _abort(self, args: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
        run, batch = self._run_of(args, known), list(known["ansible_play_batch"])
        return steps.abort(run, _fleet(known, known["ansible_play_hosts_all"]), batch)

    def _report(self, args: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
        return report(self._run_of(args, known), _fleet(known, known["ansible_play_hosts_all"]))

    # What they have in common

    def _run_of(self, args: Mapping[str, Any], known: Mapping[str, Any]) -> Run:
        problems = Problems()
        settings = opt.settings_of(self._settings_of(known, known["inventory_hostname"]), args["kind"], problems)
        problems.raise_if_any()
        return Run(args["kind"], settings, bool(self._task.check_mode))

    def _settings_of(self, known: Mapping[str, Any], host: str) -> dict[str, Any]:
        """The variables of a host; vars of the play, which import_playbook gives it, are in `known` alone, and win."""
        names = [opt.PREFIX + name for name in opt.NAMES]
        mine, its = known["hostvars"][known["inventory_hostname"]], known["hostvars"][host]
        given = {name: self._templar.template(known[name]) for name in names if name in known}
        return {name: given[name] if name in given and given[name] != mine.get(name) else its.get(name) for name in names}

    def _settings(self, kind: str, known: Mapping[str, Any], hosts: list[str], problems: Problems) -> Settings:
        """Those of the first host; the others must have the same."""
        given = {host: self._settings_of(known, host) for host in hosts}
        opt.check_same(given, problems)
        return opt.settings_of(given[hosts[0]], kind, problems)

    def _matching(self, pattern: str, known: Mapping[str, Any]) -> list[str]:
        """The hosts of the inventory that a pattern means."""
        lookup = lookup_loader.get("ansible.builtin.inventory_hostnames", loader=self._loader, templar=self._templar)
        return list(lookup.run([pattern], variables=known))


def _fleet(known: Mapping[str, Any], hosts: Iterable[str]) -> Fleet:
    found = {}
    for host in hosts:
        variables = known["hostvars"][host]
        found[host] = {name: all_visible(variables[name]) for name in REGISTERED if name in variables}
    return found
