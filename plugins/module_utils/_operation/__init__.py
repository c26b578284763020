# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: single acts that no transaction is needed for, decided from what is asked and what is."""
