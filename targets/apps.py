from django.apps import AppConfig


class TargetsConfig(AppConfig):
    name = "targets"
    verbose_name = "Targets and results"

    def ready(self) -> None:
        from . import contributions, policies  # noqa: F401
