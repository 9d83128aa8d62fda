"""Tables that are made together: the first migration of an app as one operation.

For every operation Django renders anew each model that hangs together with what it changes, and here everything hangs on
an authority and a person: 180 tables one by one took a first start 25 seconds. Together they are rendered once an app.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddConstraint, AddField, AddIndex, CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class MakeTables(Operation):
    """``CreateModel``, and what completes those same models: each table is made as it stands after the last of them."""

    def __init__(self, operations: Sequence[CreateModel | AddField | AddConstraint | AddIndex]) -> None:
        self.operations = operations
        self.made = [one.name for one in operations if isinstance(one, CreateModel)]
        completed = {str(one.model_name).lower() for one in operations if not isinstance(one, CreateModel)}
        if foreign := completed - {name.lower() for name in self.made}:
            raise ValueError(f"MakeTables completes tables that it does not make: {', '.join(sorted(foreign))}.")

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        state.__dict__.pop("apps", None)  # rendered when the tables are made, and not for each of them
        for one in self.operations:
            one.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for model in self._models(app_label, schema_editor, to_state):
            schema_editor.create_model(model)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for model in reversed(self._models(app_label, schema_editor, from_state)):
            schema_editor.delete_model(model)

    def _models(self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, state: ProjectState) -> list[Any]:
        models = [state.apps.get_model(app_label, name) for name in self.made]
        return [model for model in models if self.allow_migrate_model(schema_editor.connection.alias, model)]

    def describe(self) -> str:
        return f"Make {len(self.made)} tables"
