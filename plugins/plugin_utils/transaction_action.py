# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of `stack`, `daemon` and `unit`: read all that they name, then one module call."""

from __future__ import annotations

import os
import tempfile
from typing import Any, ClassVar, Mapping

from ansible import constants
from ansible.plugins.loader import lookup_loader

from ..module_utils._declaration import options as opt
from ..module_utils._declaration.constants import BUNDLE, WITHOUT_DECLARATION
from ..module_utils._declaration.problems import Problems, ValidationFailed
from .answering_action import AnsweringAction
from .answers.modules import misfit
from .arguments import checked, refusal, show_no_arguments
from .carrier import MODULE, call_of
from .packing import bundle
from .progress import progress
from .sources import Sources, with_uploads


class TransactionAction(AnsweringAction):
    """argument_spec: of the module; spellings: other names of its options.

    What is declared is judged on the host, which must know it anyway; nothing is touched there before all is judged.
    """

    argument_spec: ClassVar[dict[str, Any]] = {}
    spellings: ClassVar[Mapping[str, str]] = {}
    _supports_async = False

    def resolve(self, args: Mapping[str, Any], sources: Sources) -> dict[str, Any]:
        """The module's arguments with every file of the controller in them."""
        raise NotImplementedError

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        show_no_arguments(self._task)
        task_vars = task_vars or {}
        super().run(tmp, task_vars)
        problems = Problems()
        self._vaulted: set[str] = set()
        sources = Sources(self._find_needle, lambda path: self._render(path, task_vars), problems, self._vaulted)
        try:
            # The task's own arguments stay as they are: Ansible has noted where they stand, and prints what it has no place of.
            for old, (new, version) in opt.deprecated_names(self._task.args, self.argument_spec).items():
                self._display.deprecated(
                    f"Option {old} is now called {new}.", version=version, collection_name="daemonic.systemd"
                )
            args = checked(opt.without_aliases(self._task.args, self.argument_spec, self.spellings), self.argument_spec)
            if args["state"] not in WITHOUT_DECLARATION:
                args = self.resolve(args, sources)
                problems.raise_if_any()
        except ValidationFailed as refused:
            return self.quiet(refusal(refused))
        return self._call(args, sources, task_vars)

    def _call(self, args: dict[str, Any], sources: Sources, task_vars: dict[str, Any]) -> dict[str, Any]:
        result = self._carry(args, task_vars)
        needed = result.pop("needed", None)
        if needed:
            if not isinstance(needed, list) or not all(isinstance(each, str) and each in sources.large for each in needed):
                return self.quiet(misfit("it asks for files that the task does not name"))
            try:
                uploads = self._upload({digest: sources.large[digest] for digest in needed})
                result = self._carry(with_uploads(args, uploads), task_vars)
            finally:
                self._remove_tmp_path(self._connection._shell.tmpdir)
        return self.answer(result)

    def _carry(self, params: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        call = call_of(self.module, params)
        with progress(self, task_vars, takes_lock=not self._task.check_mode and params["state"] != "validated", params=params):
            return self._execute_module(module_name=MODULE, module_args=call, task_vars=task_vars)

    def _upload(self, paths: Mapping[str, str]) -> dict[str, str]:
        """Digest → where it lies on the managed node. Several travel as one file, and so does a tree."""
        if self._connection._shell.tmpdir is None:
            self._make_tmp_path()
        if len(paths) == 1 and not any(os.path.isdir(path) for path in paths.values()):
            digest, path = next(iter(paths.items()))
            return {digest: self._send(path, digest)}
        with tempfile.NamedTemporaryFile(prefix="daemonic-", dir=constants.DEFAULT_LOCAL_TMP) as packed:
            bundle(paths, packed)
            packed.flush()
            return dict.fromkeys(paths, self._send(packed.name, f"all{BUNDLE}"))

    def _send(self, path: str, name: str) -> str:
        """The user who logs in writes it; the user who is become must be able to read it, as with `copy`."""
        folder = self._connection._shell.tmpdir
        sent: str = self._transfer_file(path, self._connection._shell.join_path(folder, name))
        self._fixup_perms2((folder, sent))
        return sent

    def _find_needle(self, dirname: str, needle: str) -> str:
        """The path of a file of the controller, its vault opened; or of a directory, for the caller to refuse."""
        path = super()._find_needle(dirname, needle)
        if os.path.isdir(path):
            return path
        opened = self._loader.get_real_file(path)
        if opened != path:
            self._vaulted.add(opened)
        return opened

    def _render(self, path: str, task_vars: dict[str, Any]) -> str:
        lookup = lookup_loader.get("ansible.builtin.template", loader=self._loader, templar=self._templar)
        return lookup.run([path], variables=task_vars)[0]
