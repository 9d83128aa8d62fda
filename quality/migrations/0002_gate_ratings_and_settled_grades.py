"""Ratings at the gate by the moderators' form, and the grade that stands where two moderators differ."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),
        ("quality", "0001_initial"),
        ("visits", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="GateRating",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("overall", models.PositiveSmallIntegerField()),
                ("comment", models.TextField(blank=True)),
                ("rated_at", models.DateTimeField()),
                (
                    "authority",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.authority"),
                ),
                (
                    "review",
                    models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="rating", to="visits.gatereview"),
                ),
                (
                    "reviewer",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={
                "ordering": ["-rated_at"],
                "constraints": [models.CheckConstraint(condition=Q(overall__range=(1, 4)), name="quality_gate_grade")],
            },
        ),
        migrations.AddField("samplednote", "settled_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "samplednote",
            "settled_by",
            models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            "samplednote",
            "settled_grade",
            models.PositiveSmallIntegerField(blank=True, help_text="Where its two moderators differed.", null=True),
        ),
        migrations.AddField("samplednote", "settled_reason", models.TextField(blank=True)),
        migrations.AddConstraint(
            "samplednote",
            models.CheckConstraint(
                condition=Q(settled_grade__isnull=True, settled_at__isnull=True, settled_by__isnull=True)
                | Q(settled_grade__range=(1, 4), settled_at__isnull=False, settled_by__isnull=False),
                name="quality_sampled_settled",
            ),
        ),
        migrations.AlterField(
            "criterionrating",
            "moderation",
            models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="ratings", to="quality.moderation"
            ),
        ),
        migrations.AddField(
            "criterionrating",
            "gate",
            models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="ratings", to="quality.gaterating"
            ),
        ),
        migrations.AddConstraint(
            "criterionrating", models.UniqueConstraint(fields=("gate", "code"), name="quality_gate_rating_once")
        ),
        migrations.AddConstraint(
            "criterionrating",
            models.CheckConstraint(
                condition=Q(moderation__isnull=False, gate__isnull=True) | Q(moderation__isnull=True, gate__isnull=False),
                name="quality_rating_of_one",
            ),
        ),
    ]
