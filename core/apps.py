from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "Kernel"

    def ready(self) -> None:
        from . import contributions, triggers  # noqa: F401

        post_migrate.connect(triggers.install, sender=self, dispatch_uid="core.triggers")
