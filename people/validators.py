from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError


class MaximumLengthValidator:
    """A bound on what is hashed (ASVS): 128 characters."""

    most = 128

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > self.most:
            raise ValidationError(f"Use {self.most} characters at most.", code="password_too_long")

    def get_help_text(self) -> str:
        return f"Use {self.most} characters at most."
