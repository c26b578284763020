# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What hosts answer is data, whoever answers: read through a schema, made visible, and bounded.

shapes     what a value may look like, and how it is read
modules    the answers of the modules: what each returns, and nothing else
"""
