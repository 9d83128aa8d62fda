import core.calendar
import core.ids
import core.schema
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0001_initial'),
        ('schools', '0001_initial'),
        ('visits', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        core.schema.MakeTables([
            migrations.CreateModel(
                name='GateQueue',
                fields=[
                ],
                options={
                    'verbose_name': 'gate review',
                    'verbose_name_plural': 'gate reviews',
                    'proxy': True,
                    'indexes': [],
                    'constraints': [],
                },
                bases=('visits.gatereview',),
            ),
            migrations.CreateModel(
                name='RoundToSample',
                fields=[
                ],
                options={
                    'verbose_name': 'round to sample',
                    'verbose_name_plural': 'rounds to sample',
                    'proxy': True,
                    'indexes': [],
                    'constraints': [],
                },
                bases=('visits.round',),
            ),
            migrations.CreateModel(
                name='SipReviewDue',
                fields=[
                ],
                options={
                    'verbose_name': 'SIP review due',
                    'verbose_name_plural': 'SIP reviews due',
                    'proxy': True,
                    'indexes': [],
                    'constraints': [],
                },
                bases=('people.sip',),
            ),
            migrations.CreateModel(
                name='SipToAskAbout',
                fields=[
                ],
                options={
                    'verbose_name': 'SIP to ask heads and chairs about',
                    'verbose_name_plural': 'SIPs to ask heads and chairs about',
                    'proxy': True,
                    'indexes': [],
                    'constraints': [],
                },
                bases=('people.sip',),
            ),
            migrations.CreateModel(
                name='SipToMentor',
                fields=[
                ],
                options={
                    'verbose_name': 'SIP without a mentor',
                    'verbose_name_plural': 'SIPs without a mentor',
                    'proxy': True,
                    'indexes': [],
                    'constraints': [],
                },
                bases=('people.sip',),
            ),
            migrations.CreateModel(
                name='SipToShadow',
                fields=[
                ],
                options={
                    'verbose_name': 'SIP to shadow',
                    'verbose_name_plural': 'SIPs to shadow',
                    'proxy': True,
                    'indexes': [],
                    'constraints': [],
                },
                bases=('people.sip',),
            ),
            migrations.CreateModel(
                name='GateRating',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('overall', models.PositiveSmallIntegerField()),
                    ('comment', models.TextField(blank=True)),
                    ('rated_at', models.DateTimeField()),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.authority')),
                    ('review', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='rating', to='visits.gatereview')),
                    ('reviewer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-rated_at'],
                },
            ),
            migrations.CreateModel(
                name='MentoringEntry',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('step', models.CharField(blank=True, help_text="Code of the pack's step; empty for a talk between.", max_length=40)),
                    ('on', models.DateField()),
                    ('text', models.TextField(verbose_name='what was done and said')),
                    ('next_step', models.CharField(blank=True, max_length=300)),
                    ('at', models.DateTimeField()),
                    ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('sip', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mentoring', to='people.sip')),
                ],
                options={
                    'ordering': ['-on', '-id'],
                },
            ),
            migrations.CreateModel(
                name='MentoringSignOff',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('decision', models.CharField(choices=[('ends', 'mentoring ends'), ('goes_on', 'mentoring goes on')], max_length=8)),
                    ('reason', models.TextField()),
                    ('on', models.DateField()),
                    ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('sip', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='sign_off', to='people.sip')),
                ],
            ),
            migrations.CreateModel(
                name='Moderation',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('place', models.PositiveSmallIntegerField(help_text='1, or 2 for the blind second rating.')),
                    ('state', models.CharField(choices=[('asked', 'To be rated'), ('rated', 'Rated'), ('withdrawn', 'Taken back')], default='asked', max_length=10)),
                    ('lock_version', models.PositiveIntegerField(default=0)),
                    ('asked_at', models.DateTimeField()),
                    ('due_on', models.DateField(verbose_name='to be rated by')),
                    ('overall', models.PositiveSmallIntegerField(blank=True, null=True)),
                    ('comment', models.TextField(blank=True)),
                    ('rated_at', models.DateTimeField(blank=True, null=True)),
                    ('reason', models.CharField(blank=True, help_text='Why it was taken back.', max_length=500)),
                    ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moderations', to='people.authority')),
                    ('moderator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moderations', to=settings.AUTH_USER_MODEL)),
                    ('reader', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='visits.notereader')),
                ],
                options={
                    'ordering': ['due_on', 'id'],
                },
            ),
            migrations.CreateModel(
                name='CriterionRating',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('code', models.CharField(help_text='Code of the pack.', max_length=40)),
                    ('label', models.CharField(max_length=160)),
                    ('position', models.PositiveSmallIntegerField(default=0)),
                    ('grade', models.PositiveSmallIntegerField()),
                    ('evidence', models.TextField(blank=True)),
                    ('gate', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='ratings', to='quality.gaterating')),
                    ('moderation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='ratings', to='quality.moderation')),
                ],
                options={
                    'ordering': ['position'],
                },
            ),
            migrations.CreateModel(
                name='ModerationSample',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('academic_year', models.PositiveSmallIntegerField()),
                    ('seed', models.CharField(max_length=40)),
                    ('per_sip', models.PositiveSmallIntegerField()),
                    ('twice_percent', models.PositiveSmallIntegerField()),
                    ('due_on', models.DateField(verbose_name='to be rated by')),
                    ('frame', models.JSONField(help_text='References of the final notes that it was drawn from, in order.')),
                    ('strata', models.JSONField(help_text='Per stratum: kind of SIP, phase, concern; notes in the frame, and drawn.')),
                    ('drawn_at', models.DateTimeField()),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moderation_samples', to='people.authority')),
                    ('drawn_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('round', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='sample', to='visits.round')),
                ],
                options={
                    'ordering': ['-drawn_at'],
                },
            ),
            migrations.CreateModel(
                name='OutsideJudgement',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('body', models.CharField(choices=[('regional', 'regional coordinator'), ('joint_area', 'joint area review'), ('peer', 'peer review'), ('other', 'another body')], max_length=12)),
                    ('title', models.CharField(help_text='As in “Note of the visit of July 2008”.', max_length=160, verbose_name='what it was')),
                    ('on', models.DateField(verbose_name='date')),
                    ('words', models.TextField(help_text='In its own words.', verbose_name='what it says')),
                    ('grade', models.CharField(blank=True, max_length=60)),
                    ('reference', models.CharField(blank=True, max_length=200, verbose_name='where the document is')),
                    ('answer', models.TextField(blank=True, verbose_name='our answer')),
                    ('recorded_at', models.DateTimeField()),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='judgements', to='people.authority')),
                    ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-on', '-id'],
                },
            ),
            migrations.CreateModel(
                name='JudgementAction',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('text', models.CharField(max_length=300, verbose_name='action')),
                    ('owner', models.CharField(max_length=120)),
                    ('due_on', models.DateField(verbose_name='by')),
                    ('judgement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='actions', to='quality.outsidejudgement')),
                ],
                options={
                    'ordering': ['due_on', 'id'],
                },
            ),
            migrations.CreateModel(
                name='ReportText',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('period', models.CharField(help_text='As in 2008, or 2008-autumn.', max_length=20)),
                    ('heading', models.SlugField(help_text="Code of the pack's heading.", max_length=40)),
                    ('text', models.TextField(blank=True)),
                    ('revision', models.PositiveIntegerField(default=1, help_text='One more with each save: who saves over another is told.')),
                    ('at', models.DateTimeField()),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='report_texts', to='people.authority')),
                    ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['period', 'heading'],
                },
            ),
            migrations.CreateModel(
                name='SampledNote',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('version', models.PositiveSmallIntegerField(help_text='The final version of that day.')),
                    ('sip_kind', models.CharField(choices=[('adviser', 'adviser of the authority'), ('serving_head', 'serving headteacher'), ('recent_head', 'recently serving headteacher'), ('consultant', 'consultant')], max_length=14)),
                    ('phase', models.CharField(choices=[('nursery', 'nursery'), ('infant', 'infant'), ('junior', 'junior'), ('first', 'first'), ('primary', 'primary'), ('middle', 'middle'), ('secondary', 'secondary'), ('all-through', 'all-through'), ('special', 'special'), ('pru', 'pupil referral unit'), ('16-plus', '16 plus')], max_length=12)),
                    ('is_concern', models.BooleanField(verbose_name='school causing concern')),
                    ('is_twice', models.BooleanField(default=False, verbose_name='rated twice')),
                    ('settled_grade', models.PositiveSmallIntegerField(blank=True, help_text='Where its two moderators differed.', null=True)),
                    ('settled_reason', models.TextField(blank=True)),
                    ('settled_at', models.DateTimeField(blank=True, null=True)),
                    ('note', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sampled', to='visits.noteofvisit')),
                    ('sample', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='quality.moderationsample')),
                    ('settled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'note of a sample',
                    'verbose_name_plural': 'notes of samples',
                    'ordering': ['sample', 'id'],
                },
            ),
            migrations.AddField(
                model_name='moderation',
                name='sampled',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moderations', to='quality.samplednote'),
            ),
            migrations.CreateModel(
                name='Shadowing',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('is_outside_line', models.BooleanField(default=False, verbose_name="outside the SIP's line")),
                    ('academic_year', models.PositiveSmallIntegerField()),
                    ('by_on', models.DateField(verbose_name='to be done by')),
                    ('state', models.CharField(choices=[('planned', 'Planned'), ('told', 'Headteacher told'), ('done', 'Written up'), ('responded', 'SIP has answered'), ('closed', 'Closed'), ('cancelled', 'Cancelled')], default='planned', max_length=10)),
                    ('lock_version', models.PositiveIntegerField(default=0)),
                    ('is_read_by_reviewer', models.BooleanField(default=False)),
                    ('is_read_by_mentor', models.BooleanField(default=False)),
                    ('planned_at', models.DateTimeField()),
                    ('told_at', models.DateTimeField(blank=True, null=True)),
                    ('told_name', models.CharField(blank=True, help_text='The headteacher who was told, by name.', max_length=200)),
                    ('reason', models.TextField(blank=True, help_text='Why it was moved or cancelled, or why the headteacher asked for another date.')),
                    ('done_on', models.DateField(blank=True, null=True, verbose_name='observed on')),
                    ('next_step', models.TextField(blank=True, verbose_name='agreed next step')),
                    ('next_step_on', models.DateField(blank=True, null=True)),
                    ('written_at', models.DateTimeField(blank=True, null=True)),
                    ('respond_by', models.DateField(blank=True, null=True)),
                    ('response', models.TextField(blank=True, verbose_name="the SIP's response")),
                    ('responded_at', models.DateTimeField(blank=True, null=True)),
                    ('closed_at', models.DateTimeField(blank=True, null=True)),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shadowings', to='people.authority')),
                    ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('observer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shadowings_observed', to=settings.AUTH_USER_MODEL)),
                    ('planned_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('sip', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shadowings', to='people.sip')),
                    ('visit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='shadowings', to='visits.visit')),
                ],
                options={
                    'ordering': ['-planned_at', '-id'],
                },
            ),
            migrations.CreateModel(
                name='ShadowingFinding',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('strength', 'Strength'), ('development', 'Area for development')], max_length=12)),
                    ('code', models.CharField(help_text='Code of the pack.', max_length=40)),
                    ('label', models.CharField(max_length=240)),
                    ('position', models.PositiveSmallIntegerField(default=0)),
                    ('evidence', models.TextField()),
                    ('shadowing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='findings', to='quality.shadowing')),
                ],
                options={
                    'ordering': ['kind', 'position'],
                },
            ),
            migrations.CreateModel(
                name='SipReview',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('academic_year', core.calendar.AcademicYearField()),
                    ('state', models.CharField(choices=[('setting', 'objectives being set'), ('agreed', 'objectives agreed'), ('mid_year', 'mid-year review held'), ('closed', 'closed')], default='setting', max_length=10)),
                    ('lock_version', models.PositiveIntegerField(default=0)),
                    ('agreed_on', models.DateField(blank=True, null=True)),
                    ('mid_year', models.TextField(blank=True)),
                    ('mid_year_on', models.DateField(blank=True, null=True)),
                    ('account', models.TextField(blank=True, verbose_name="the SIP's own account")),
                    ('review', models.TextField(blank=True)),
                    ('outcome', models.CharField(blank=True, max_length=60)),
                    ('closed_at', models.DateTimeField(blank=True, null=True)),
                    ('created_at', models.DateTimeField()),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.authority')),
                    ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('sip', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='people.sip')),
                ],
                options={
                    'ordering': ['-academic_year', 'sip__user__name'],
                },
            ),
            migrations.CreateModel(
                name='ReviewObjective',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('text', models.TextField(verbose_name='objective')),
                    ('success', models.TextField(verbose_name='how we shall know')),
                    ('by_on', models.DateField(blank=True, null=True, verbose_name='by')),
                    ('review', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='objectives', to='quality.sipreview')),
                ],
                options={
                    'ordering': ['id'],
                },
            ),
            migrations.CreateModel(
                name='CpdNeed',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('text', models.CharField(max_length=300, verbose_name='what is needed')),
                    ('at', models.DateTimeField()),
                    ('review', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='needs', to='quality.sipreview')),
                ],
                options={
                    'ordering': ['id'],
                },
            ),
            migrations.CreateModel(
                name='FeedbackRelease',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('academic_year', core.calendar.AcademicYearField()),
                    ('asked', models.PositiveIntegerField()),
                    ('answered', models.PositiveIntegerField(help_text="The authority's own figures alone say how many answered.", null=True)),
                    ('figures', models.JSONField(default=list)),
                    ('summary', models.TextField(blank=True)),
                    ('released_at', models.DateTimeField()),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.authority')),
                    ('sip', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='feedback_releases', to='people.sip')),
                ],
                options={
                    'ordering': ['-academic_year'],
                    'constraints': [models.UniqueConstraint(fields=('sip', 'academic_year'), name='quality_release_once'), models.UniqueConstraint(condition=models.Q(('sip__isnull', True)), fields=('authority', 'academic_year'), name='quality_release_once_whole'), models.CheckConstraint(condition=models.Q(('sip__isnull', True), ('answered__isnull', True), _connector='OR'), name='quality_release_hides_answered')],
                },
            ),
            migrations.CreateModel(
                name='FeedbackRequest',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', core.ids.PublicIdField(default=core.ids.new_public_id, editable=False, max_length=20, unique=True)),
                    ('role', models.CharField(choices=[('head', 'headteacher'), ('chair', 'chair of governors')], max_length=6)),
                    ('academic_year', core.calendar.AcademicYearField()),
                    ('state', models.CharField(choices=[('asked', 'asked'), ('sent', 'answers sent'), ('withdrawn', 'withdrawn')], default='asked', max_length=10)),
                    ('lock_version', models.PositiveIntegerField(default=0)),
                    ('token_digest', models.CharField(max_length=64, unique=True)),
                    ('closes_on', models.DateField(verbose_name='last day for answers')),
                    ('asked_at', models.DateTimeField()),
                    ('reminded_at', models.DateTimeField(blank=True, null=True)),
                    ('reminders', models.PositiveSmallIntegerField(default=0)),
                    ('answers', models.JSONField(blank=True, default=dict, help_text='Code of the question to the value, nought for “does not apply”.')),
                    ('comment', models.TextField(blank=True)),
                    ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.authority')),
                    ('contact', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.contact')),
                    ('reader', models.ForeignKey(help_text='Who reads the answers; the first screen names them.', on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('school', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='feedback', to='schools.school')),
                    ('sip', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='feedback', to='people.sip')),
                ],
                options={
                    'ordering': ['school__name', 'role'],
                    'constraints': [models.UniqueConstraint(fields=('sip', 'school', 'role', 'academic_year'), name='quality_feedback_once_a_year')],
                },
            ),
            migrations.CreateModel(
                name='FeedbackSummary',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('academic_year', core.calendar.AcademicYearField()),
                    ('text', models.TextField()),
                    ('at', models.DateTimeField()),
                    ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('sip', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.sip')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('sip', 'academic_year'), name='quality_summary_once')],
                },
            ),
            migrations.AddConstraint(
                model_name='gaterating',
                constraint=models.CheckConstraint(condition=models.Q(('overall__range', (1, 4))), name='quality_gate_grade'),
            ),
            migrations.AddConstraint(
                model_name='criterionrating',
                constraint=models.UniqueConstraint(fields=('moderation', 'code'), name='quality_rating_once'),
            ),
            migrations.AddConstraint(
                model_name='criterionrating',
                constraint=models.UniqueConstraint(fields=('gate', 'code'), name='quality_gate_rating_once'),
            ),
            migrations.AddConstraint(
                model_name='criterionrating',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('gate__isnull', True), ('moderation__isnull', False)), models.Q(('gate__isnull', False), ('moderation__isnull', True)), _connector='OR'), name='quality_rating_of_one'),
            ),
            migrations.AddConstraint(
                model_name='criterionrating',
                constraint=models.CheckConstraint(condition=models.Q(('grade__range', (1, 4))), name='quality_rating_grade'),
            ),
            migrations.AddConstraint(
                model_name='reporttext',
                constraint=models.UniqueConstraint(fields=('authority', 'period', 'heading'), name='quality_report_text_once'),
            ),
            migrations.AddConstraint(
                model_name='samplednote',
                constraint=models.UniqueConstraint(fields=('sample', 'note'), name='quality_sampled_once'),
            ),
            migrations.AddConstraint(
                model_name='samplednote',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('settled_at__isnull', True), ('settled_by__isnull', True), ('settled_grade__isnull', True)), models.Q(('settled_at__isnull', False), ('settled_by__isnull', False), ('settled_grade__range', (1, 4))), _connector='OR'), name='quality_sampled_settled'),
            ),
            migrations.AddIndex(
                model_name='moderation',
                index=models.Index(fields=['moderator', 'state', 'due_on'], name='quality_moderation_mine'),
            ),
            migrations.AddConstraint(
                model_name='moderation',
                constraint=models.UniqueConstraint(condition=models.Q(('state', 'withdrawn'), _negated=True), fields=('sampled', 'place'), name='quality_moderation_place'),
            ),
            migrations.AddConstraint(
                model_name='moderation',
                constraint=models.UniqueConstraint(condition=models.Q(('state', 'withdrawn'), _negated=True), fields=('sampled', 'moderator'), name='quality_moderation_person'),
            ),
            migrations.AddConstraint(
                model_name='moderation',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('overall__range', (1, 4)), ('rated_at__isnull', False), ('state', 'rated')), models.Q(models.Q(('state', 'rated'), _negated=True), ('overall__isnull', True), ('rated_at__isnull', True)), _connector='OR'), name='quality_moderation_rated'),
            ),
            migrations.AddIndex(
                model_name='shadowing',
                index=models.Index(fields=['authority', 'academic_year', 'state'], name='quality_shadowing_year'),
            ),
            migrations.AddIndex(
                model_name='shadowing',
                index=models.Index(fields=['observer', 'state'], name='quality_shadowing_observer'),
            ),
            migrations.AddConstraint(
                model_name='shadowing',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('done', 'responded', 'closed')), _negated=True), models.Q(('done_on__isnull', False), ('written_at__isnull', False)), _connector='OR'), name='quality_shadowing_written'),
            ),
            migrations.AddConstraint(
                model_name='shadowing',
                constraint=models.CheckConstraint(condition=models.Q(('state__in', ('planned', 'cancelled')), models.Q(('told_at__isnull', False), ('visit__isnull', False)), _connector='OR'), name='quality_shadowing_told'),
            ),
            migrations.AddConstraint(
                model_name='shadowing',
                constraint=models.UniqueConstraint(condition=models.Q(('state', 'cancelled'), _negated=True), fields=('visit',), name='quality_shadowing_of_visit_once'),
            ),
            migrations.AddConstraint(
                model_name='shadowingfinding',
                constraint=models.UniqueConstraint(fields=('shadowing', 'kind', 'code'), name='quality_finding_once'),
            ),
            migrations.AddConstraint(
                model_name='shadowingfinding',
                constraint=models.CheckConstraint(condition=models.Q(('evidence', ''), _negated=True), name='quality_finding_evidence'),
            ),
            migrations.AddConstraint(
                model_name='sipreview',
                constraint=models.UniqueConstraint(fields=('sip', 'academic_year'), name='quality_sip_review_once'),
            ),
            migrations.AddConstraint(
                model_name='sipreview',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'closed'), _negated=True), ('closed_at__isnull', False), _connector='OR'), name='quality_sip_review_closed'),
            ),
        ]),
    ]
