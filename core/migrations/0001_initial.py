import core.ids
import core.schema
import core.tabular.models
import datetime
import django.db.models.functions.comparison
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        core.schema.MakeTables([
            migrations.CreateModel(
                name='ScheduleRun',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=80, unique=True)),
                    ('due_at', models.DateTimeField()),
                    ('started_at', models.DateTimeField(null=True)),
                    ('finished_at', models.DateTimeField(null=True)),
                    ('last_error', models.CharField(blank=True, max_length=100)),
                ],
            ),
            migrations.CreateModel(
                name='TriggerSwitch',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('reason', models.CharField(max_length=200)),
                ],
            ),
            migrations.CreateModel(
                name='AuditEvent',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('event', models.CharField(max_length=60)),
                    ('occurred_at', models.DateTimeField(help_text="When it happened, by the portal's clock.")),
                    ('recorded_at', models.DateTimeField(default=django.utils.timezone.now, help_text="When it was written, by the machine's clock.")),
                    ('actor_id', models.CharField(blank=True, max_length=20)),
                    ('actor_name', models.CharField(blank=True, max_length=200)),
                    ('actor_role', models.CharField(blank=True, max_length=80)),
                    ('authority_code', models.CharField(blank=True, max_length=12)),
                    ('school_urn', models.PositiveIntegerField(null=True)),
                    ('school_name', models.CharField(blank=True, max_length=200)),
                    ('subject_kind', models.CharField(max_length=40)),
                    ('subject_id', models.CharField(max_length=40)),
                    ('subject_label', models.CharField(blank=True, max_length=240)),
                    ('changes', models.JSONField(default=dict)),
                    ('reason', models.TextField(blank=True)),
                    ('request_id', models.CharField(blank=True, max_length=40)),
                ],
                options={
                    'indexes': [models.Index(fields=['subject_kind', 'subject_id', '-id'], name='audit_subject'), models.Index(fields=['authority_code', '-id'], name='audit_authority'), models.Index(fields=['authority_code', 'school_urn', '-id'], name='audit_school'), models.Index(fields=['actor_id', 'event', '-id'], name='audit_actor')],
                },
            ),
            migrations.CreateModel(
                name='ImportBatch',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('kind', models.CharField(max_length=40)),
                    ('authority_code', models.CharField(max_length=12)),
                    ('year', models.PositiveSmallIntegerField(blank=True, null=True)),
                    ('options', models.JSONField(blank=True, default=dict, help_text="What the sender said of the file, by the kind's options.")),
                    ('file_name', models.CharField(max_length=200)),
                    ('file_size', models.PositiveIntegerField()),
                    ('sha256', models.CharField(max_length=64)),
                    ('version', models.PositiveSmallIntegerField(default=1, help_text='Of the kind, when the file was read.')),
                    ('upload', models.FileField(blank=True, upload_to=core.tabular.models.private_name)),
                    ('state', models.CharField(choices=[('received', 'received'), ('reading', 'being read'), ('ready', 'ready to commit'), ('refused', 'refused'), ('committed', 'committed'), ('discarded', 'discarded')], default='received', max_length=10)),
                    ('progress', models.PositiveSmallIntegerField(default=0, help_text='Percent of the file read.')),
                    ('summary', models.JSONField(default=dict)),
                    ('changes', models.JSONField(default=list)),
                    ('held', models.JSONField(default=list)),
                    ('plan_digest', models.CharField(blank=True, max_length=64)),
                    ('by_id', models.CharField(blank=True, max_length=20)),
                    ('by_name', models.CharField(blank=True, max_length=200)),
                    ('received_at', models.DateTimeField()),
                    ('started_at', models.DateTimeField(blank=True, null=True)),
                    ('finished_at', models.DateTimeField(blank=True, null=True)),
                    ('committed_at', models.DateTimeField(blank=True, null=True)),
                ],
                options={
                    'verbose_name_plural': 'import batches',
                    'ordering': ['-id'],
                    'indexes': [models.Index(fields=['authority_code', 'kind', '-id'], name='core_import_latest')],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'committed'), _negated=True), ('committed_at__isnull', False), _connector='OR'), name='core_import_committed_when')],
                },
            ),
            migrations.CreateModel(
                name='Job',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('kind', models.CharField(max_length=60)),
                    ('asker_id', models.BigIntegerField(null=True)),
                    ('state', models.CharField(choices=[('queued', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed')], default='queued', max_length=10)),
                    ('done', models.PositiveIntegerField(default=0)),
                    ('total', models.PositiveIntegerField(default=0)),
                    ('message', models.CharField(blank=True, max_length=300)),
                    ('result', models.CharField(blank=True, max_length=300)),
                    ('tries', models.PositiveSmallIntegerField()),
                    ('attempts', models.PositiveSmallIntegerField(default=0)),
                    ('last_error', models.CharField(blank=True, max_length=100)),
                    ('task_id', models.UUIDField(null=True)),
                    ('created_at', models.DateTimeField()),
                    ('started_at', models.DateTimeField(null=True)),
                    ('finished_at', models.DateTimeField(null=True)),
                    ('lease_until', models.DateTimeField(null=True)),
                    ('renew_until', models.DateTimeField(null=True)),
                    ('worker', models.CharField(blank=True, max_length=64)),
                ],
                options={
                    'indexes': [models.Index(fields=['asker_id', '-id'], name='job_asker'), models.Index(condition=models.Q(('state__in', ['queued', 'running'])), fields=['state', 'lease_until'], name='job_unfinished')],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('lease_until__isnull', False), ('started_at__isnull', False), ('state', 'running')), models.Q(models.Q(('state', 'running'), _negated=True), ('lease_until__isnull', True)), _connector='OR'), name='job_leased_while_running'), models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', False), ('state__in', ['done', 'failed'])), models.Q(('finished_at__isnull', True), ('state__in', ['queued', 'running'])), _connector='OR'), name='job_finished_has_a_time')],
                },
            ),
            migrations.CreateModel(
                name='OutboxEmail',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('dedupe_key', models.CharField(max_length=200, unique=True)),
                    ('to_name', models.CharField(blank=True, max_length=200)),
                    ('to_address', models.EmailField(max_length=254)),
                    ('subject', models.CharField(max_length=200)),
                    ('body', models.TextField()),
                    ('context_kind', models.CharField(blank=True, max_length=50)),
                    ('context_reference', models.CharField(blank=True, max_length=100)),
                    ('message_id', models.CharField(max_length=255, unique=True)),
                    ('state', models.CharField(choices=[('queued', 'Queued'), ('sending', 'Being sent'), ('sent', 'Sent'), ('failed', 'To be tried again'), ('bounced', 'Bounced'), ('parked', 'Given up after repeated faults')], default='queued', max_length=10)),
                    ('attempts', models.PositiveSmallIntegerField(default=0)),
                    ('next_attempt_at', models.DateTimeField()),
                    ('lease_until', models.DateTimeField(null=True)),
                    ('last_error', models.CharField(blank=True, max_length=100)),
                    ('created_at', models.DateTimeField()),
                    ('sent_at', models.DateTimeField(null=True)),
                    ('is_told', models.BooleanField(default=True)),
                ],
                options={
                    'indexes': [models.Index(condition=models.Q(('state__in', ['queued', 'failed'])), fields=['next_attempt_at'], name='outbox_due'), models.Index(condition=models.Q(('state', 'sending')), fields=['lease_until'], name='outbox_leased'), models.Index(condition=models.Q(('is_told', False)), fields=['next_attempt_at'], name='outbox_untold'), models.Index(fields=['context_kind', 'context_reference'], name='outbox_context')],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('lease_until__isnull', False), ('state', 'sending')), models.Q(models.Q(('state', 'sending'), _negated=True), ('lease_until__isnull', True)), _connector='OR'), name='outbox_leased_while_sending'), models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('state', 'sent')), ('state', 'bounced'), models.Q(('sent_at__isnull', True), ('state__in', ['queued', 'sending', 'failed', 'parked'])), _connector='OR'), name='outbox_sent_has_a_time')],
                },
            ),
            migrations.CreateModel(
                name='SearchDocument',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(max_length=40)),
                    ('subject', models.CharField(max_length=40)),
                    ('part', models.CharField(blank=True, default='', max_length=60)),
                    ('authority_id', models.BigIntegerField(null=True)),
                    ('school_id', models.BigIntegerField(null=True)),
                    ('title', models.CharField(max_length=300)),
                    ('body', models.TextField(blank=True)),
                    ('extra', models.JSONField(default=dict)),
                    ('occurred_on', models.DateField(null=True)),
                    ('updated_at', models.DateTimeField()),
                    ('title_folded', models.CharField(max_length=300)),
                    ('body_folded', models.TextField(blank=True)),
                    ('keywords_folded', models.TextField(blank=True)),
                ],
                options={
                    'indexes': [models.Index(models.OrderBy(django.db.models.functions.comparison.Coalesce('occurred_on', models.Value(datetime.date(9999, 12, 31))), descending=True), models.OrderBy(models.F('id'), descending=True), name='search_newest'), models.Index(fields=['school_id'], name='search_school')],
                    'constraints': [models.UniqueConstraint(fields=('kind', 'subject', 'part'), name='search_one_of_a_subject')],
                },
            ),
            migrations.CreateModel(
                name='StoredFile',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('sha256', models.CharField(db_index=True, editable=False, max_length=64)),
                    ('size', models.PositiveIntegerField(editable=False)),
                    ('media_type', models.CharField(editable=False, max_length=100)),
                    ('content', models.BinaryField()),
                    ('created_at', models.DateTimeField(editable=False)),
                ],
                options={
                    'ordering': ['-pk'],
                    'constraints': [models.CheckConstraint(condition=models.Q(('size__gt', 0)), name='storedfile_not_empty')],
                },
            ),
        ]),
    ]
