"""allauth's forms in our words: labels, messages that say what to enter, nothing in the boxes that vanishes as one types.

Named in the settings (``ACCOUNT_FORMS``, ``MFA_FORMS``). What the forms check is allauth's; only what they say is ours.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from allauth.account import forms as account
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.recovery_codes import forms as recovery
from allauth.mfa.totp import forms as totp
from django.core.exceptions import ValidationError

from core.components.forms import PortalMixin

WORDS = {
    "account_inactive": "This account has been closed. Ask your authority’s administrator",
    "email_password_mismatch": "The email address and the password do not belong together. Check both and try again",
    "enter_current_password": "The current password is not right. Check it and try again",
    "incorrect_password": "The password is not right. Check it and try again",
    "incorrect_code": "The code is not right. Enter the newest one that your app shows",
    "too_many_login_attempts": "Too many tries for this account. Wait five minutes, then try again",
    "rate_limited": "Too many tries. Wait five minutes, then try again",
    "cannot_delete_authenticator": "You cannot turn the second step off: your role needs it",
    "cannot_generate_recovery_codes": "Turn the second step on first; it brings its recovery codes",
}


class AccountMixin(PortalMixin):
    """Labels from ``labels``, messages from :data:`WORDS`, and no placeholders."""

    labels: ClassVar[dict[str, str]] = {}
    hints: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.hints.get(name, "")

    def add_error(self, field: str | None, error: Any) -> None:
        code = getattr(error, "code", None)
        if isinstance(code, str) and code in WORDS:
            error = ValidationError(WORDS[code], code=code)
        super().add_error(field, error)  # type: ignore[misc]


NEW_PASSWORD = "At least 12 characters. Three words that have nothing to do with each other are easy to keep in mind"  # noqa: S105


class SignInForm(AccountMixin, account.LoginForm):
    labels = {"login": "Email address", "password": "Password"}
    required_messages = {"login": "Enter your email address", "password": "Enter your password"}


class ResetPasswordForm(AccountMixin, account.ResetPasswordForm):
    labels = {"email": "Email address"}
    hints = {"email": "The one to which the portal writes to you"}
    required_messages = {"email": "Enter your email address"}


class ResetPasswordKeyForm(AccountMixin, account.ResetPasswordKeyForm):
    labels = {"password1": "New password", "password2": "New password again"}
    hints = {"password1": NEW_PASSWORD}
    required_messages = {"password1": "Enter a new password", "password2": "Enter the new password again"}


class SetPasswordForm(AccountMixin, account.SetPasswordForm):
    labels = {"password1": "Password", "password2": "Password again"}
    hints = {"password1": NEW_PASSWORD}
    required_messages = {"password1": "Enter a password", "password2": "Enter the password again"}


class ChangePasswordForm(AccountMixin, account.ChangePasswordForm):
    labels = {"oldpassword": "Current password", "password1": "New password", "password2": "New password again"}
    hints = {"password1": NEW_PASSWORD}
    required_messages = {
        "oldpassword": "Enter your current password",
        "password1": "Enter a new password",
        "password2": "Enter the new password again",
    }


class ReauthenticateForm(AccountMixin, account.ReauthenticateForm):
    labels = {"password": "Password"}
    required_messages = {"password": "Enter your password"}


class CodeMixin(AccountMixin):
    labels = {"code": "Code"}
    required_messages = {"code": "Enter the code"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"inputmode": "text", "autocapitalize": "none", "class": "govuk-input--width-10"}


class SecondStepForm(CodeMixin, mfa.AuthenticateForm):
    hints = {"code": "The six figures that your app shows now, or one of your recovery codes"}


class SecondStepAgainForm(CodeMixin, mfa.ReauthenticateForm):
    hints = {"code": "The six figures that your app shows now, or one of your recovery codes"}


class Qr(NamedTuple):
    """A QR code as one path in a square of ``size`` units, so that a page can draw it without markup from elsewhere."""

    size: int
    path: str


class ActivateTotpForm(CodeMixin, totp.ActivateTOTPForm):
    hints = {"code": "The six figures that the app shows now"}

    @property
    def qr(self) -> Qr:
        """The address that an authenticator app reads, drawn with a quiet border of four modules."""
        import qrcode  # type: ignore[import-untyped]

        code = qrcode.QRCode(border=4)
        code.add_data(get_adapter().build_totp_url(self.user, self.secret))
        matrix = code.get_matrix()
        path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark)
        return Qr(len(matrix), path)


class DeactivateTotpForm(AccountMixin, totp.DeactivateTOTPForm):
    pass


class RecoveryCodesForm(AccountMixin, recovery.GenerateRecoveryCodesForm):
    pass
