import core.calendar
import core.ids
import core.schema
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('core', '0001_initial'),
        ('people', '0001_initial'),
        ('visits', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        core.schema.MakeTables([
            migrations.CreateModel(
                name='Evaluation',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('form', models.JSONField(help_text='scale: [value, words]; items and open: [code, text].')),
                    ('least', models.PositiveSmallIntegerField(verbose_name='so many answers before anybody reads them')),
                    ('closes_on', models.DateField(verbose_name='last day for answers')),
                    ('opened_on', models.DateField()),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.authority')),
                ],
                options={
                    'ordering': ['-opened_on', '-id'],
                },
            ),
            migrations.CreateModel(
                name='AgendaItem',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('position', models.PositiveSmallIntegerField()),
                    ('code', models.CharField(blank=True, max_length=60)),
                    ('title', models.CharField(max_length=200)),
                    ('about', models.TextField(blank=True, verbose_name='what it is about')),
                    ('lead_name', models.CharField(blank=True, help_text='A visitor, with their office.', max_length=120, verbose_name='a lead without an account')),
                    ('minutes', models.PositiveSmallIntegerField(blank=True, null=True)),
                    ('is_activity', models.BooleanField(default=False, verbose_name='an activity')),
                    ('outcome', models.TextField(blank=True, verbose_name='what came of it')),
                    ('carries_on', models.BooleanField(default=False, verbose_name='the next agenda comes back to it')),
                    ('draws_on', models.ForeignKey(blank=True, help_text='The item of an earlier agenda (P3).', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='followed_by', to='briefings.agendaitem')),
                    ('lead', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='agenda_items', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['briefing', 'position', 'id'],
                },
            ),
            migrations.CreateModel(
                name='AgendaQuestion',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('text', models.CharField(max_length=400, verbose_name='question')),
                    ('at', models.DateTimeField()),
                    ('answer', models.TextField(blank=True)),
                    ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='questions', to='briefings.agendaitem')),
                ],
                options={
                    'ordering': ['at', 'id'],
                },
            ),
            migrations.CreateModel(
                name='Briefing',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('audience', models.CharField(default='all', help_text="Code of the pack's audience, or “all”.", max_length=40)),
                    ('phases', models.CharField(blank=True, help_text='Codes of its phases between commas; empty: everybody.', max_length=200)),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('academic_year', core.calendar.AcademicYearField()),
                    ('term', models.CharField(help_text='autumn, spring or summer.', max_length=20)),
                    ('title', models.CharField(help_text='As in “Primary SIP briefing, autumn 2008”.', max_length=160)),
                    ('template', models.CharField(blank=True, help_text="Code of the pack's template that its agenda began with.", max_length=60)),
                    ('on', models.DateField(verbose_name='date')),
                    ('starts_at', models.TimeField(verbose_name='from')),
                    ('ends_at', models.TimeField(verbose_name='until')),
                    ('venue', models.CharField(blank=True, max_length=200)),
                    ('quarters', models.PositiveSmallIntegerField(verbose_name='development time, in quarter days')),
                    ('state', models.CharField(choices=[('planned', 'Date set'), ('called', 'Invited'), ('held', 'Held'), ('cancelled', 'Called off')], default='planned', max_length=10)),
                    ('lock_version', models.PositiveIntegerField(default=0)),
                    ('called_at', models.DateTimeField(blank=True, null=True)),
                    ('cancelled_reason', models.CharField(blank=True, max_length=300, verbose_name='why it was called off')),
                    ('created_at', models.DateTimeField()),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='briefings', to='people.authority')),
                ],
                options={
                    'ordering': ['on', 'audience'],
                },
            ),
            migrations.CreateModel(
                name='Attendance',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('invited_at', models.DateTimeField()),
                    ('reply', models.CharField(blank=True, choices=[('', 'No reply yet'), ('coming', 'Coming'), ('not_coming', 'Not coming')], max_length=10)),
                    ('replied_at', models.DateTimeField(blank=True, null=True)),
                    ('came', models.BooleanField(blank=True, null=True)),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('briefing', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attendances', to='briefings.briefing')),
                ],
                options={
                    'ordering': ['user__name'],
                },
            ),
            migrations.AddField(
                model_name='agendaitem',
                name='briefing',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='briefings.briefing'),
            ),
            migrations.CreateModel(
                name='BriefingDocument',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('title', models.CharField(max_length=160)),
                    ('file_name', models.CharField(max_length=160)),
                    ('file_words', models.TextField(blank=True, help_text='What the file says, as far as it can be read: requests for information search it.')),
                    ('added_at', models.DateTimeField()),
                    ('removed_at', models.DateTimeField(blank=True, null=True, verbose_name='taken off')),
                    ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('briefing', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='briefings.briefing')),
                    ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.storedfile')),
                    ('removed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['added_at', 'id'],
                },
            ),
            migrations.CreateModel(
                name='Bulletin',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('audience', models.CharField(default='all', help_text="Code of the pack's audience, or “all”.", max_length=40)),
                    ('phases', models.CharField(blank=True, help_text='Codes of its phases between commas; empty: everybody.', max_length=200)),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('academic_year', core.calendar.AcademicYearField()),
                    ('number', models.PositiveSmallIntegerField(blank=True, null=True)),
                    ('title', models.CharField(max_length=160)),
                    ('opening', models.TextField(blank=True, verbose_name='opening words')),
                    ('state', models.CharField(choices=[('draft', 'Being written'), ('published', 'Published')], default='draft', max_length=10)),
                    ('lock_version', models.PositiveIntegerField(default=0)),
                    ('published_on', models.DateField(blank=True, null=True)),
                    ('created_at', models.DateTimeField()),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bulletins', to='people.authority')),
                    ('published_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-academic_year', '-number', '-created_at'],
                },
            ),
            migrations.CreateModel(
                name='BulletinItem',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('position', models.PositiveSmallIntegerField()),
                    ('kind', models.CharField(choices=[('action', 'For action'), ('information', 'For information')], max_length=12)),
                    ('title', models.CharField(max_length=200)),
                    ('text', models.TextField(blank=True, help_text='Markdown.')),
                    ('complete_by', models.DateField(blank=True, null=True, verbose_name='to be done by')),
                    ('contact', models.CharField(blank=True, max_length=160)),
                    ('link', models.URLField(blank=True)),
                    ('bulletin', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='briefings.bulletin')),
                ],
                options={
                    'ordering': ['bulletin', 'position', 'id'],
                },
            ),
            migrations.CreateModel(
                name='BulletinDone',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField()),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='done', to='briefings.bulletinitem')),
                ],
            ),
            migrations.CreateModel(
                name='BulletinReading',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField()),
                    ('bulletin', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='readings', to='briefings.bulletin')),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
            ),
            migrations.CreateModel(
                name='Deck',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('phase', models.CharField(help_text='primary, or secondary with pupil referral units.', max_length=20)),
                    ('academic_year', core.calendar.AcademicYearField()),
                    ('term', models.CharField(help_text='autumn, spring or summer.', max_length=20)),
                    ('title', models.CharField(max_length=160)),
                    ('about', models.CharField(blank=True, max_length=300, verbose_name='when and where')),
                    ('left_out', models.JSONField(default=list)),
                    ('lock_version', models.PositiveIntegerField(default=0)),
                    ('made_at', models.DateTimeField()),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decks', to='people.authority')),
                    ('briefing', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decks', to='briefings.briefing')),
                    ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-academic_year', '-made_at'],
                },
            ),
            migrations.CreateModel(
                name='DeckSlide',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('code', models.CharField(max_length=80)),
                    ('position', models.PositiveSmallIntegerField()),
                    ('made', models.JSONField()),
                    ('edits', models.JSONField(default=dict)),
                    ('is_out', models.BooleanField(default=False, verbose_name='left out')),
                    ('is_own', models.BooleanField(default=False, verbose_name="a page of one's own")),
                    ('edited_by_name', models.CharField(blank=True, max_length=200)),
                    ('edited_at', models.DateTimeField(blank=True, null=True)),
                    ('deck', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='slides', to='briefings.deck')),
                ],
                options={
                    'ordering': ['position', 'id'],
                },
            ),
            migrations.CreateModel(
                name='EvaluationBox',
                fields=[
                    ('evaluation', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='box', serialize=False, to='briefings.evaluation')),
                    ('sheets', models.JSONField(default=list)),
                ],
            ),
            migrations.AddField(
                model_name='evaluation',
                name='briefing',
                field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='evaluation', to='briefings.briefing'),
            ),
            migrations.CreateModel(
                name='Evaluator',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('has_answered', models.BooleanField(default=False)),
                    ('evaluation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evaluators', to='briefings.evaluation')),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
            ),
            migrations.CreateModel(
                name='IssuedDeck',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('number', models.PositiveSmallIntegerField()),
                    ('title', models.CharField(max_length=160)),
                    ('digest', models.CharField(max_length=64, verbose_name='SHA-256 of its content')),
                    ('pages', models.PositiveSmallIntegerField()),
                    ('issued_by_name', models.CharField(max_length=200)),
                    ('issued_at', models.DateTimeField()),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.authority')),
                    ('briefing', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='issued_decks', to='briefings.briefing')),
                    ('content', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.storedfile')),
                    ('deck', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='issues', to='briefings.deck')),
                    ('issued_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('pdf', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.storedfile')),
                    ('pptx', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.storedfile')),
                ],
                options={
                    'ordering': ['-issued_at', '-id'],
                },
            ),
            migrations.CreateModel(
                name='Practice',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('place', models.CharField(max_length=120, verbose_name='authority')),
                    ('title', models.CharField(max_length=160)),
                    ('what', models.TextField()),
                    ('source', models.CharField(max_length=300)),
                    ('contact', models.CharField(blank=True, max_length=200)),
                    ('withdrawn_on', models.DateField(blank=True, null=True)),
                    ('recorded_at', models.DateTimeField()),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.authority')),
                    ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name_plural': 'practice elsewhere',
                    'ordering': ['-recorded_at', '-id'],
                },
            ),
            migrations.CreateModel(
                name='QuestionMark',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('code', models.CharField(help_text="Of the pack's question, or the public id of an accepted offer.", max_length=60)),
                    ('at', models.DateTimeField()),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.authority')),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
            ),
            migrations.CreateModel(
                name='QuestionOffer',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('theme', models.CharField(help_text="A theme of the pack's bank.", max_length=60)),
                    ('phase_groups', models.JSONField(default=list, help_text="Codes of the pack's groups of phases; none: every school.")),
                    ('text', models.CharField(max_length=400)),
                    ('follow_up', models.CharField(blank=True, max_length=400)),
                    ('why', models.TextField(blank=True, verbose_name='when it works')),
                    ('state', models.CharField(choices=[('offered', 'Offered'), ('accepted', 'In the bank'), ('declined', 'Not taken up')], default='offered', max_length=10)),
                    ('lock_version', models.PositiveIntegerField(default=0)),
                    ('answer', models.TextField(blank=True)),
                    ('offered_at', models.DateTimeField()),
                    ('decided_at', models.DateTimeField(blank=True, null=True)),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.authority')),
                    ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('offered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-offered_at', '-id'],
                },
            ),
            migrations.CreateModel(
                name='Resource',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('key', models.SlugField(help_text='Never changed: briefings take their words by it.', max_length=60)),
                    ('kind', models.CharField(help_text="Code of the pack's resource type.", max_length=40)),
                    ('title', models.CharField(max_length=160)),
                    ('summary', models.CharField(blank=True, max_length=400)),
                    ('state', models.CharField(choices=[('draft', 'Not published yet'), ('published', 'Current'), ('retired', 'Retired')], default='draft', max_length=10)),
                    ('lock_version', models.PositiveIntegerField(default=0)),
                    ('retired_on', models.DateField(blank=True, null=True)),
                    ('retired_why', models.CharField(blank=True, max_length=300)),
                    ('created_at', models.DateTimeField()),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='resources', to='people.authority')),
                    ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['title', 'id'],
                },
            ),
            migrations.CreateModel(
                name='ResourceAudience',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('hat', models.CharField(help_text='A hat of people.roles.', max_length=30)),
                    ('resource', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='audience', to='briefings.resource')),
                ],
                options={
                    'ordering': ['id'],
                },
            ),
            migrations.CreateModel(
                name='ResourceDraft',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('text', models.TextField(blank=True, help_text='Markdown.')),
                    ('file_name', models.CharField(blank=True, max_length=160)),
                    ('file_words', models.TextField(blank=True, help_text='What the file says, for the search.')),
                    ('changes', models.CharField(blank=True, help_text='What is new in it, in a sentence.', max_length=400)),
                    ('revision', models.PositiveIntegerField(default=0)),
                    ('prepared_at', models.DateTimeField()),
                    ('file', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.storedfile')),
                    ('prepared_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('redacted_copy', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='visits.redactedcopy')),
                    ('resource', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='draft', to='briefings.resource')),
                ],
                options={
                    'abstract': False,
                },
            ),
            migrations.CreateModel(
                name='ResourceVersion',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('text', models.TextField(blank=True, help_text='Markdown.')),
                    ('file_name', models.CharField(blank=True, max_length=160)),
                    ('file_words', models.TextField(blank=True, help_text='What the file says, for the search.')),
                    ('changes', models.CharField(blank=True, help_text='What is new in it, in a sentence.', max_length=400)),
                    ('number', models.PositiveIntegerField()),
                    ('published_at', models.DateTimeField()),
                    ('published_by_name', models.CharField(max_length=200)),
                    ('file', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.storedfile')),
                    ('published_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('redacted_copy', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='visits.redactedcopy')),
                    ('resource', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='briefings.resource')),
                ],
                options={
                    'ordering': ['-number'],
                },
            ),
            migrations.CreateModel(
                name='ResourceOpening',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField()),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='openings', to='briefings.resourceversion')),
                ],
            ),
            migrations.AddField(
                model_name='resource',
                name='current',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='briefings.resourceversion'),
            ),
            migrations.CreateModel(
                name='Suggestion',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('text', models.TextField()),
                    ('state', models.CharField(choices=[('made', 'Waiting for an answer'), ('answered', 'Answered')], default='made', max_length=10)),
                    ('lock_version', models.PositiveIntegerField(default=0)),
                    ('made_at', models.DateTimeField()),
                    ('answer', models.TextField(blank=True)),
                    ('answered_at', models.DateTimeField(blank=True, null=True)),
                    ('answered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.authority')),
                    ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-made_at', '-id'],
                },
            ),
            migrations.CreateModel(
                name='TrainingNeed',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('academic_year', core.calendar.AcademicYearField()),
                    ('topic', models.CharField(blank=True, help_text="Code of the pack's workshop.", max_length=60)),
                    ('text', models.CharField(blank=True, max_length=300, verbose_name='what you would like to learn')),
                    ('at', models.DateTimeField()),
                    ('sip', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='training_needs', to='people.sip')),
                ],
                options={
                    'ordering': ['at', 'id'],
                },
            ),
            migrations.CreateModel(
                name='Workshop',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('audience', models.CharField(default='all', help_text="Code of the pack's audience, or “all”.", max_length=40)),
                    ('phases', models.CharField(blank=True, help_text='Codes of its phases between commas; empty: everybody.', max_length=200)),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('academic_year', core.calendar.AcademicYearField()),
                    ('topic', models.CharField(blank=True, help_text="Code of the pack's workshop; its dates are alternatives.", max_length=60)),
                    ('title', models.CharField(max_length=160)),
                    ('about', models.TextField(blank=True)),
                    ('suits', models.CharField(blank=True, help_text='As in “new SIPs”: advice, no rule.', max_length=120, verbose_name='for whom')),
                    ('on', models.DateField(verbose_name='date')),
                    ('starts_at', models.TimeField(verbose_name='from')),
                    ('ends_at', models.TimeField(verbose_name='until')),
                    ('venue', models.CharField(blank=True, max_length=200)),
                    ('lead_name', models.CharField(blank=True, max_length=120, verbose_name='a lead without an account')),
                    ('quarters', models.PositiveSmallIntegerField(verbose_name='development time, in quarter days')),
                    ('places', models.PositiveSmallIntegerField()),
                    ('taken', models.PositiveSmallIntegerField(default=0)),
                    ('state', models.CharField(choices=[('open', 'Open'), ('held', 'Held'), ('cancelled', 'Called off')], default='open', max_length=10)),
                    ('lock_version', models.PositiveIntegerField(default=0)),
                    ('cancelled_reason', models.CharField(blank=True, max_length=300, verbose_name='why it was called off')),
                    ('created_at', models.DateTimeField()),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='workshops', to='people.authority')),
                    ('lead', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['on', 'starts_at', 'title'],
                },
            ),
            migrations.AddField(
                model_name='evaluation',
                name='workshop',
                field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='evaluation', to='briefings.workshop'),
            ),
            migrations.CreateModel(
                name='Booking',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('state', models.CharField(choices=[('booked', 'Booked'), ('waiting', 'On the waiting list'), ('cancelled', 'Cancelled')], max_length=10)),
                    ('lock_version', models.PositiveIntegerField(default=0)),
                    ('at', models.DateTimeField()),
                    ('came', models.BooleanField(blank=True, null=True)),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('workshop', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bookings', to='briefings.workshop')),
                ],
                options={
                    'ordering': ['at', 'id'],
                },
            ),
            migrations.AddConstraint(
                model_name='briefing',
                constraint=models.UniqueConstraint(condition=models.Q(('state', 'cancelled'), _negated=True), fields=('authority', 'audience', 'on'), name='briefings_briefing_once_a_day'),
            ),
            migrations.AddConstraint(
                model_name='briefing',
                constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='briefings_briefing_times_in_order'),
            ),
            migrations.AddIndex(
                model_name='attendance',
                index=models.Index(fields=['user', 'briefing'], name='briefings_attendance_user'),
            ),
            migrations.AddConstraint(
                model_name='attendance',
                constraint=models.UniqueConstraint(fields=('briefing', 'user'), name='briefings_invited_once'),
            ),
            migrations.AddConstraint(
                model_name='attendance',
                constraint=models.CheckConstraint(condition=models.Q(('reply', ''), ('replied_at__isnull', False), _connector='OR'), name='briefings_reply_has_a_time'),
            ),
            migrations.AddConstraint(
                model_name='briefingdocument',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('removed_at__isnull', True), ('removed_by__isnull', True)), models.Q(('removed_at__isnull', False), ('removed_by__isnull', False)), _connector='OR'), name='briefings_document_removed_by'),
            ),
            migrations.AddConstraint(
                model_name='bulletin',
                constraint=models.UniqueConstraint(fields=('authority', 'academic_year', 'number'), name='briefings_bulletin_number'),
            ),
            migrations.AddConstraint(
                model_name='bulletin',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('number__isnull', True), ('state', 'draft')), models.Q(('number__isnull', False), ('published_on__isnull', False), ('state', 'published')), _connector='OR'), name='briefings_bulletin_published'),
            ),
            migrations.AddConstraint(
                model_name='bulletinitem',
                constraint=models.CheckConstraint(condition=models.Q(('kind', 'information'), ('complete_by__isnull', False), _connector='OR'), name='briefings_action_has_a_date'),
            ),
            migrations.AddConstraint(
                model_name='bulletindone',
                constraint=models.UniqueConstraint(fields=('item', 'user'), name='briefings_item_done_once'),
            ),
            migrations.AddConstraint(
                model_name='bulletinreading',
                constraint=models.UniqueConstraint(fields=('bulletin', 'user'), name='briefings_bulletin_read_once'),
            ),
            migrations.AddConstraint(
                model_name='deck',
                constraint=models.UniqueConstraint(condition=models.Q(('briefing__isnull', False)), fields=('briefing',), name='briefings_deck_once_a_briefing'),
            ),
            migrations.AddConstraint(
                model_name='deck',
                constraint=models.UniqueConstraint(condition=models.Q(('briefing__isnull', True)), fields=('authority', 'phase', 'academic_year', 'term'), name='briefings_deck_once_a_term'),
            ),
            migrations.AddConstraint(
                model_name='deckslide',
                constraint=models.UniqueConstraint(fields=('deck', 'code'), name='briefings_slide_once'),
            ),
            migrations.AddConstraint(
                model_name='evaluator',
                constraint=models.UniqueConstraint(fields=('evaluation', 'user'), name='briefings_evaluator_once'),
            ),
            migrations.AddConstraint(
                model_name='issueddeck',
                constraint=models.UniqueConstraint(fields=('deck', 'number'), name='briefings_issue_once'),
            ),
            migrations.AddIndex(
                model_name='practice',
                index=models.Index(fields=['authority', 'withdrawn_on'], name='briefings_practice_shown'),
            ),
            migrations.AddConstraint(
                model_name='questionmark',
                constraint=models.UniqueConstraint(fields=('authority', 'code', 'user'), name='briefings_mark_once'),
            ),
            migrations.AddIndex(
                model_name='questionoffer',
                index=models.Index(fields=['authority', 'state'], name='briefings_offer_state'),
            ),
            migrations.AddConstraint(
                model_name='questionoffer',
                constraint=models.CheckConstraint(condition=models.Q(('state', 'offered'), ('decided_at__isnull', False), _connector='OR'), name='briefings_offer_decided'),
            ),
            migrations.AddIndex(
                model_name='resourceaudience',
                index=models.Index(fields=['hat', 'resource'], name='briefings_audience_hat'),
            ),
            migrations.AddConstraint(
                model_name='resourceaudience',
                constraint=models.UniqueConstraint(fields=('resource', 'hat'), name='briefings_resource_audience'),
            ),
            migrations.AddConstraint(
                model_name='resourceversion',
                constraint=models.UniqueConstraint(fields=('resource', 'number'), name='briefings_version_number'),
            ),
            migrations.AddConstraint(
                model_name='resourceversion',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('text', ''), _negated=True), ('file__isnull', False), _connector='OR'), name='briefings_version_holds'),
            ),
            migrations.AddConstraint(
                model_name='resourceversion',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('file__isnull', True), ('file_name', '')), models.Q(('file__isnull', False), models.Q(('file_name', ''), _negated=True)), _connector='OR'), name='briefings_version_file_named'),
            ),
            migrations.AddConstraint(
                model_name='resourceopening',
                constraint=models.UniqueConstraint(fields=('user', 'version'), name='briefings_opened_once'),
            ),
            migrations.AddIndex(
                model_name='resource',
                index=models.Index(fields=['authority', 'state', 'kind'], name='briefings_resource_kind'),
            ),
            migrations.AddConstraint(
                model_name='resource',
                constraint=models.UniqueConstraint(fields=('authority', 'key'), name='briefings_resource_key'),
            ),
            migrations.AddConstraint(
                model_name='resource',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'published'), _negated=True), ('current__isnull', False), _connector='OR'), name='briefings_resource_published'),
            ),
            migrations.AddConstraint(
                model_name='resource',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('retired_on__isnull', False), ('state', 'retired')), models.Q(models.Q(('state', 'retired'), _negated=True), ('retired_on__isnull', True)), _connector='OR'), name='briefings_resource_retired'),
            ),
            migrations.AddConstraint(
                model_name='suggestion',
                constraint=models.CheckConstraint(condition=models.Q(('state', 'made'), ('answered_at__isnull', False), _connector='OR'), name='briefings_suggestion_answered'),
            ),
            migrations.AddConstraint(
                model_name='trainingneed',
                constraint=models.UniqueConstraint(condition=models.Q(('topic', ''), _negated=True), fields=('sip', 'academic_year', 'topic'), name='briefings_need_once'),
            ),
            migrations.AddConstraint(
                model_name='trainingneed',
                constraint=models.CheckConstraint(condition=models.Q(('text', ''), ('topic', ''), _negated=True), name='briefings_need_says_something'),
            ),
            migrations.AddConstraint(
                model_name='workshop',
                constraint=models.CheckConstraint(condition=models.Q(('taken__lte', models.F('places'))), name='briefings_places_not_exceeded'),
            ),
            migrations.AddConstraint(
                model_name='workshop',
                constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='briefings_workshop_times_in_order'),
            ),
            migrations.AddConstraint(
                model_name='evaluation',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('briefing__isnull', False), ('workshop__isnull', True)), models.Q(('briefing__isnull', True), ('workshop__isnull', False)), _connector='OR'), name='briefings_evaluation_of_one'),
            ),
            migrations.AddIndex(
                model_name='booking',
                index=models.Index(fields=['user', 'state'], name='briefings_booking_user'),
            ),
            migrations.AddConstraint(
                model_name='booking',
                constraint=models.UniqueConstraint(condition=models.Q(('state', 'cancelled'), _negated=True), fields=('workshop', 'user'), name='briefings_booked_once'),
            ),
        ]),
    ]
