from django.apps import AppConfig


class SchoolsConfig(AppConfig):
    name = "schools"
    verbose_name = "Schools and caseloads"

    def ready(self) -> None:
        from people.hats import register_school_side

        from . import contributions, policies, receivers  # noqa: F401
        from .selectors import school_side

        register_school_side(school_side)
