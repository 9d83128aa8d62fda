"""What must be so before Django reads its settings: loaded by ``-p tests.plugin`` ahead of pytest-django.

``TEST_DB=pg`` runs on PostgreSQL, anything else on SQLite. What a developer's shell says of the portal is set aside.
"""

from __future__ import annotations

import atexit
import os

from tests import postgres

for _name in ("SIP_TODAY", "EMAIL_URL", "CACHE_URL", "FILES_DIR", "PORTAL_URL", "ALLOWED_HOSTS", "SECOND_FACTOR_REQUIRED", "BEHIND_PROXY"):
    os.environ.pop(_name, None)
os.environ["SIP_ENV"] = "demo"

ON_POSTGRES = os.environ.get("TEST_DB") == "pg"
if not ON_POSTGRES:
    os.environ.pop("DATABASE_URL", None)
elif "PYTEST_XDIST_WORKER" not in os.environ:  # a worker has the controller's server
    _server = postgres.Server()
    atexit.register(_server.stop)
    os.environ["DATABASE_URL"] = _server.start()
