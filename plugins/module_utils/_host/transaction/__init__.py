# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of a stack: decide without touching anything, carry out, and roll back what fails."""
