import core.clock
import core.ids
import core.schema
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('core', '0001_initial'),
    ]

    operations = [
        core.schema.MakeTables([
            migrations.CreateModel(
                name='Authority',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('code', models.CharField(help_text='The LA code, as in 999.', max_length=12, unique=True)),
                    ('name', models.CharField(max_length=120)),
                    ('full_name', models.CharField(blank=True, help_text="As on the note's masthead: Wealdshire County Council.", max_length=160)),
                    ('kind', models.CharField(choices=[('la', 'local authority'), ('trust', 'academy trust'), ('consortium', 'consortium member')], default='la', max_length=12)),
                    ('directorate', models.CharField(blank=True, max_length=160)),
                    ('service', models.CharField(blank=True, help_text='The service that runs the programme.', max_length=160)),
                    ('address', models.TextField(blank=True)),
                    ('telephone', models.CharField(blank=True, max_length=40)),
                    ('email', models.EmailField(blank=True, max_length=254)),
                    ('website', models.URLField(blank=True)),
                    ('brand_colour', models.CharField(default='#14505c', max_length=7, validators=[django.core.validators.RegexValidator('^#[0-9a-f]{6}$', 'Enter a colour as # and six digits, as in #14505c.')])),
                    ('link_colour', models.CharField(default='#0f5c8c', max_length=7, validators=[django.core.validators.RegexValidator('^#[0-9a-f]{6}$', 'Enter a colour as # and six digits, as in #14505c.')])),
                    ('settings', models.JSONField(blank=True, default=dict, help_text="The authority's own values for settings of its pack.")),
                    ('closure_days', models.JSONField(blank=True, default=list, help_text="ISO dates on which the authority's offices are closed.")),
                    ('lot_seed', models.CharField(blank=True, help_text='Recorded seed of the lot that sends a share of notes to review.', max_length=40)),
                    ('created_at', models.DateTimeField()),
                ],
                options={
                    'verbose_name_plural': 'authorities',
                    'ordering': ['name'],
                },
            ),
            migrations.CreateModel(
                name='User',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('password', models.CharField(max_length=128, verbose_name='password')),
                    ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('email', models.EmailField(max_length=254)),
                    ('name', models.CharField(max_length=200)),
                    ('telephone', models.CharField(blank=True, max_length=40)),
                    ('is_active', models.BooleanField(default=True)),
                    ('has_reminders', models.BooleanField(default=True, help_text="Before and after a deadline. The portal's own list stays.", verbose_name='emails of reminders')),
                    ('filters', models.JSONField(blank=True, default=dict, help_text='The filters last set on each list: its path, the query.')),
                    ('deactivated_at', models.DateTimeField(blank=True, null=True)),
                    ('created_at', models.DateTimeField(default=core.clock.now)),
                    ('home_authority', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='accounts', to='people.authority')),
                ],
                options={
                    'ordering': ['name'],
                    'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='people_user_email'), models.CheckConstraint(condition=models.Q(('is_active', True), ('deactivated_at__isnull', False), _connector='OR'), name='people_user_active_or_when')],
                },
            ),
            migrations.CreateModel(
                name='CalendarLink',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('token_digest', models.CharField(max_length=64, unique=True)),
                    ('made_at', models.DateTimeField()),
                    ('revoked_at', models.DateTimeField(blank=True, null=True)),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='calendar_links', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-made_at'],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('revoked_at__isnull', True)), fields=('user',), name='people_calendar_link_one')],
                },
            ),
            migrations.CreateModel(
                name='Cluster',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('code', models.CharField(max_length=20)),
                    ('name', models.CharField(max_length=120)),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='clusters', to='people.authority')),
                ],
                options={
                    'ordering': ['name'],
                    'constraints': [models.UniqueConstraint(fields=('authority', 'code'), name='people_cluster_code'), models.UniqueConstraint(models.F('authority'), django.db.models.functions.text.Lower('name'), name='people_cluster_name')],
                },
            ),
            migrations.CreateModel(
                name='Invitation',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('token_digest', models.CharField(max_length=64, unique=True)),
                    ('sent_at', models.DateTimeField()),
                    ('expires_at', models.DateTimeField()),
                    ('accepted_at', models.DateTimeField(blank=True, null=True)),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='people.authority')),
                    ('invited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-sent_at'],
                },
            ),
            migrations.CreateModel(
                name='Pack',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('code', models.CharField(max_length=60)),
                    ('version', models.CharField(max_length=20)),
                    ('label', models.CharField(max_length=200)),
                    ('first_year', models.PositiveSmallIntegerField(verbose_name='first academic year')),
                    ('last_year', models.PositiveSmallIntegerField(verbose_name='last academic year')),
                    ('digest', models.CharField(max_length=64)),
                    ('loaded_at', models.DateTimeField()),
                    ('superseded_at', models.DateTimeField(blank=True, null=True)),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='packs', to='people.authority')),
                    ('file', models.ForeignKey(help_text='Its content, as canonical JSON: apart, so that no list loads it.', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.storedfile')),
                    ('loaded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-loaded_at'],
                    'constraints': [models.UniqueConstraint(fields=('authority', 'code', 'digest'), name='people_pack_once'), models.CheckConstraint(condition=models.Q(('last_year__gte', models.F('first_year'))), name='people_pack_years_in_order')],
                },
            ),
            migrations.CreateModel(
                name='RoleAssignment',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('starts_on', models.DateField(verbose_name='first day')),
                    ('ends_on', models.DateField(blank=True, null=True, verbose_name='last day')),
                    ('role', models.CharField(choices=[('sip_manager', 'SIP manager'), ('head_of_improvement', 'Head of school improvement'), ('officer', 'Officer'), ('finance_officer', 'Finance officer'), ('data_protection_officer', 'Data protection officer'), ('regional_coordinator', 'Regional coordinator'), ('elected_member', 'Elected member'), ('administrator', 'Administrator'), ('nc_adviser', 'National Challenge adviser')], max_length=30)),
                    ('is_limited_to_clusters', models.BooleanField(default=False)),
                    ('post', models.CharField(blank=True, help_text="The post's own title, as in Partnership manager.", max_length=120)),
                    ('is_named_officer', models.BooleanField(default=False, help_text='Alerts and concern drafts go to named officers; to all if none is named.')),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='roles', to='people.authority')),
                    ('clusters', models.ManyToManyField(blank=True, to='people.cluster')),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='roles', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['role', 'starts_on'],
                    'abstract': False,
                    'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='people_roleassignment_dates_in_order')],
                },
            ),
            migrations.CreateModel(
                name='Sip',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('starts_on', models.DateField(verbose_name='first day')),
                    ('ends_on', models.DateField(blank=True, null=True, verbose_name='last day')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('kind', models.CharField(choices=[('adviser', 'adviser of the authority'), ('serving_head', 'serving headteacher'), ('recent_head', 'recently serving headteacher'), ('consultant', 'consultant')], max_length=14)),
                    ('phases', models.JSONField(default=list, help_text='Codes of the phases that they may serve.')),
                    ('accreditation', models.CharField(blank=True, max_length=40, verbose_name='accreditation reference')),
                    ('accredited_on', models.DateField(blank=True, null=True)),
                    ('is_on_review', models.BooleanField(default=False, help_text="The manager has put this SIP's notes on review.", verbose_name='every note is reviewed')),
                    ('days_available', models.PositiveIntegerField(blank=True, null=True, verbose_name='days a year, in quarters')),
                    ('assigned_person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='assigned_sips', to=settings.AUTH_USER_MODEL)),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sips', to='people.authority')),
                    ('line_manager', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='line_managed_sips', to=settings.AUTH_USER_MODEL)),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sip_profiles', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'SIP',
                    'ordering': ['user__name'],
                    'abstract': False,
                    'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='people_sip_dates_in_order')],
                },
            ),
            migrations.CreateModel(
                name='Mentorship',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('starts_on', models.DateField(verbose_name='first day')),
                    ('ends_on', models.DateField(blank=True, null=True, verbose_name='last day')),
                    ('is_reviewer', models.BooleanField(default=False, verbose_name='is also the SIP reviewer')),
                    ('mentor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mentorships', to=settings.AUTH_USER_MODEL)),
                    ('sip', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mentorships', to='people.sip')),
                ],
                options={
                    'ordering': ['starts_on'],
                    'abstract': False,
                    'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='people_mentorship_dates_in_order')],
                },
            ),
        ]),
    ]
