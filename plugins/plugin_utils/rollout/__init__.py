# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: what a roll-out over a fleet decides, from what has become of its hosts. It runs on the controller.

settings  the variables of the playbooks, checked
batches   how many hosts each batch has, and which batch a host is in
outcome   what the transaction on one host has come to
gate      whether the units are still what they were when the transaction was over
steps     what follows: who is put into service, who goes back, whether the run goes on
report    what a person is told in the end
"""
