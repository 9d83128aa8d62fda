"""Forms of people: accounts, the first password, SIP profiles."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts

from core.components.forms import PortalForm


class InvitationAcceptForm(PortalForm):
    """The first password, typed twice. The service asks the validators."""

    password = forms.CharField(label="New password", widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False)
    again = forms.CharField(
        label="The same password again", widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False
    )
    required_messages = {"password": "Enter a password", "again": "Enter the same password again"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = " ".join(password_validators_help_texts())

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("password") and data.get("again") and data["password"] != data["again"]:
            self.refuse("again", "The two passwords are not the same")
        return data


class AccountForm(PortalForm):
    """One's own name, telephone, and whether reminders come by email. The email address is the account's name and is changed by the administrator."""

    name = forms.CharField(label="Your name", max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    telephone = forms.CharField(
        label="Telephone",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "class": "govuk-input--width-20"}),
    )
    has_reminders = forms.BooleanField(
        label="Remind me by email, once before and once after a deadline",
        required=False,
        help_text="An email holds a link and the school’s name, no more. What is due stands on your home in any case.",
    )
