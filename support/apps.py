from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "support"
    verbose_name = "Support of schools"

    def ready(self) -> None:
        from . import contributions, policies, receivers  # noqa: F401
