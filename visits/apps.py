from django.apps import AppConfig


class VisitsConfig(AppConfig):
    name = "visits"
    verbose_name = "Visits and notes"

    def ready(self) -> None:
        from . import contributions, policies, receivers  # noqa: F401
