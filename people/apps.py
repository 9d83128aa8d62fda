from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "people"
    verbose_name = "People and authorities"

    def ready(self) -> None:
        from . import contributions, policies, receivers  # noqa: F401
