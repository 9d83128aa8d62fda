"""Production refuses to start without its secrets and hosts; each time in one sentence."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings

FULL = {
    "SIP_ENV": "production",
    "SECRET_KEY": "k8Yq0vZr2mXw5tBn7cPd9sLf1gHj3aQe6uWi4oRx8yTz0bVn2",
    "ALLOWED_HOSTS": "sip.example",
    "PORTAL_URL": "https://sip.example",
}
NAMES = [*FULL, "SIP_TODAY", "DATABASE_URL", "EMAIL_URL", "CACHE_URL", "BEHIND_PROXY", "SECOND_FACTOR_REQUIRED"]


def read(expression: str = "1", **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in NAMES}
    code = f"from sip_portal import settings as s\nprint(({expression}))"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=settings.BASE_DIR, env=kept | variables, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "PORTAL_URL"])
def test_each_secret_and_host_is_needed(name: str) -> None:
    told = read(**{key: value for key, value in FULL.items() if key != name})
    assert told.returncode == 1
    last = told.stderr.strip().splitlines()[-1]
    assert f"{name} is not set:" in last
    assert "SIP_ENV=demo" in last


def test_production_is_what_is_meant_when_nothing_is_said() -> None:
    told = read("s.IS_DEMO", **{key: value for key, value in FULL.items() if key != "SIP_ENV"})
    assert told.stdout.strip() == "False"
    assert read().returncode == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [({"PORTAL_URL": "http://sip.example"}, "must begin with https://"), ({"SIP_ENV": "staging"}, "Set it to 'demo' or 'production'")],
)
def test_what_would_be_a_hole_is_refused(change: dict[str, str], says: str) -> None:
    told = read(**{**FULL, **change})
    assert told.returncode == 1
    assert says in told.stderr.splitlines()[-1]


def test_production_is_closed() -> None:
    told = read(
        "s.DEBUG, s.SIP_TODAY, s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT,"
        "s.SECURE_HSTS_SECONDS >= 31536000, s.SECURE_PROXY_SSL_HEADER, s.SECOND_FACTOR_REQUIRED, s.ALLOWED_HOSTS, s.SESSION_SAVE_EVERY_REQUEST",
        **FULL,
    )
    assert told.stdout.strip() == "(False, None, '__Host-sid', True, True, True, True, None, True, ['sip.example'], False)"


def test_a_proxy_is_believed_only_when_it_is_said() -> None:
    told = read("s.SECURE_PROXY_SSL_HEADER", **FULL, BEHIND_PROXY="1")
    assert told.stdout.strip() == "('HTTP_X_FORWARDED_PROTO', 'https')"


def test_the_demonstration_needs_nothing_and_has_its_day() -> None:
    told = read("s.IS_DEMO, s.SIP_TODAY.isoformat(), s.SECOND_FACTOR_REQUIRED, s.SESSION_COOKIE_NAME", SIP_ENV="demo")
    assert told.stdout.strip() == "(True, '2008-10-14', False, 'sid')"
    assert read("s.SIP_TODAY", SIP_ENV="demo", SIP_TODAY="").stdout.strip() == "None"


@pytest.mark.parametrize("url", ["sqlite:////var/lib/sip-portal/portal.sqlite3", "postgres://portal@db.example/portal"])
def test_either_database(url: str) -> None:
    told = read("s.DATABASES['default']['ENGINE'].rpartition('.')[2], s.DATABASES['default']['OPTIONS']", **FULL, DATABASE_URL=url)
    assert told.returncode == 0, told.stderr
    if url.startswith("sqlite"):
        for words in ("sqlite3", "IMMEDIATE", "recursive_triggers=ON", "synchronous=FULL", "secure_delete=ON"):
            assert words in told.stdout
    else:
        for words in ("postgresql", "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            assert words in told.stdout
