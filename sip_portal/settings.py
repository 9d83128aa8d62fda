"""The settings, all of them. ``SIP_ENV`` is ``production`` unless it says ``demo``; production refuses to start
without its secrets and hosts, so that a forgotten variable is a sentence and not a hole."""

from __future__ import annotations

import datetime as dt
import sqlite3
import sys
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = Env()

SIP_ENV = env.str("SIP_ENV", "production")
if SIP_ENV not in {"demo", "production"}:
    raise ImproperlyConfigured(f"SIP_ENV is {SIP_ENV!r}. Set it to 'demo' or 'production'.")
IS_DEMO = SIP_ENV == "demo"


def _required(name: str, why: str, demo: str) -> str:
    value = env.str(name, "")
    if value:
        return str(value)
    if IS_DEMO:
        return demo
    raise ImproperlyConfigured(f"{name} is not set: {why} (For a trial on this machine, set SIP_ENV=demo.)")


DEBUG = False
SECRET_KEY = _required("SECRET_KEY", "it signs sessions and links; give it 50 random characters.", "demonstration-only-" * 4)
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])  # keys of before: sessions and sealed keys of theirs still open
ALLOWED_HOSTS = _required("ALLOWED_HOSTS", "name the hosts that serve the portal, separated by commas.", "127.0.0.1,localhost,[::1]").split(
    ","
)
PORTAL_URL = _required(
    "PORTAL_URL", "it begins every link in an email, as in https://sip.example.", f"http://127.0.0.1:{env.str('PORT', '8000')}"
).rstrip("/")
_secure = PORTAL_URL.startswith("https://")
if not IS_DEMO and not _secure:
    raise ImproperlyConfigured("PORTAL_URL must begin with https:// in production.")

# The demonstration lives in autumn 2008. Set SIP_TODAY to another date to move it, or to nothing for the real day.
_pinned = env.str("SIP_TODAY", "2008-10-14" if IS_DEMO else "")
SIP_TODAY = dt.date.fromisoformat(_pinned) if _pinned else None

INSTALLED_APPS = [
    "core",
    "people",
    "schools",
    "targets",
    "support",
    "visits",
    "quality",
    "briefings",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "core.apps.PortalAdminConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "csp",
    "django_filters",
    "django_tasks",
    "django_tasks_db",
    "sip_portal",  # last: its ready() freezes the registries
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "sip_portal.middleware.RequestIdMiddleware",
    "sip_portal.middleware.NoStoreMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "sip_portal.middleware.SessionLifeMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "sip_portal.middleware.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "sip_portal.middleware.RefusedMiddleware",
]

ROOT_URLCONF = "sip_portal.urls"
WSGI_APPLICATION = "sip_portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sip_portal.context_processors.portal",
            ],
            "builtins": ["core.components.templatetags.components", "people.templatetags.labels"],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "govuk"
CRISPY_TEMPLATE_PACK = "govuk"
CRISPY_FAIL_SILENTLY = False

# ---------------------------------------------------------------- database

DATABASES = {"default": env.dj_db_url("DATABASE_URL", f"sqlite:///{VAR_DIR / 'portal.sqlite3'}")}
_database = DATABASES["default"]
_database.setdefault("OPTIONS", {})
if _database["ENGINE"].endswith("sqlite3"):
    # WAL only where SQLite has the WAL-reset fix; IMMEDIATE either way (docs/decisions/0003).
    _version = sqlite3.sqlite_version_info
    _wal_is_safe = _version >= (3, 51, 3) or (3, 50, 7) <= _version < (3, 51) or (3, 44, 6) <= _version < (3, 45)
    _database["OPTIONS"].update(
        transaction_mode="IMMEDIATE",
        timeout=20,
        init_command=(
            f"PRAGMA journal_mode={'WAL' if _wal_is_safe else 'DELETE'};PRAGMA synchronous=FULL;"
            "PRAGMA recursive_triggers=ON;PRAGMA secure_delete=ON;PRAGMA cache_size=-65536;PRAGMA cache_spill=OFF;"
        ),
    )
    # A file, not memory: threads must meet the same locks as in the portal.
    _database["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
    if "test" not in str(_database["NAME"]):
        VAR_DIR.mkdir(exist_ok=True)
else:
    _database["CONN_HEALTH_CHECKS"] = True
    _database["CONN_MAX_AGE"] = 60
    _database["OPTIONS"].setdefault(
        "options", "-c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000"
    )

CACHES = {"default": env.dj_cache_url("CACHE_URL", "db://cache")}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

# ---------------------------------------------------------------- people and sign-in

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "people.validators.MaximumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 3600
ACCOUNT_ADAPTER = "people.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]  # the sign-up page itself is closed and absent
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_RATE_LIMITS = {"login_failed": "5/5m/key,20/5m/ip"}
ACCOUNT_FORMS = {
    "login": "sip_portal.account_forms.SignInForm",
    "reset_password": "sip_portal.account_forms.ResetPasswordForm",
    "reset_password_from_key": "sip_portal.account_forms.ResetPasswordKeyForm",
    "set_password": "sip_portal.account_forms.SetPasswordForm",
    "change_password": "sip_portal.account_forms.ChangePasswordForm",
    "reauthenticate": "sip_portal.account_forms.ReauthenticateForm",
}
MFA_FORMS = {
    "authenticate": "sip_portal.account_forms.SecondStepForm",
    "reauthenticate": "sip_portal.account_forms.SecondStepAgainForm",
    "activate_totp": "sip_portal.account_forms.ActivateTotpForm",
    "deactivate_totp": "sip_portal.account_forms.DeactivateTotpForm",
    "generate_recovery_codes": "sip_portal.account_forms.RecoveryCodesForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "SIP Portal"
# Whoever may enter the admin needs a second factor; the demonstration, on one machine, is spared it.
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", not IS_DEMO)

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "__Host-sid" if _secure else "sid"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _secure
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_SAVE_EVERY_REQUEST = False
SESSION_ABSOLUTE_AGE = 12 * 3600

# ---------------------------------------------------------------- security

SECURE_SSL_REDIRECT = _secure
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]
SECURE_HSTS_SECONDS = 31_536_000 if _secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _secure
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", False) else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# W021: preloading HSTS is the authority's own decision. W004: email is unique, on Lower(email).
SILENCED_SYSTEM_CHECKS = ["security.W021", "auth.W004"]
CSRF_FAILURE_VIEW = "sip_portal.views.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 5
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = [
    "sip_portal.uploads.BoundedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
USE_X_FORWARDED_HOST = False
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

# ---------------------------------------------------------------- files, mail, language, logs

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "sip_portal.static.PublishedFilesFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = Path(env.str("FILES_DIR", str(VAR_DIR / "files")))

_email = env.dj_email_url("EMAIL_URL", "console:" if IS_DEMO else "smtp://localhost:25")
EMAIL_BACKEND = _email["EMAIL_BACKEND"]
EMAIL_HOST = _email.get("EMAIL_HOST", "")
EMAIL_PORT = _email.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _email.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = _email.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = _email.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _email.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "SIP Portal <no-reply@portal.example>")

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = ["sip_portal.formats"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "sip_portal.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "stream": sys.stderr}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", "WARNING" if IS_DEMO else "INFO")},
}
