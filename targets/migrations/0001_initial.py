import core.schema
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0001_initial'),
        ('schools', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        core.schema.MakeTables([
            migrations.CreateModel(
                name='DataSource',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(help_text='Kind of the import.', max_length=40)),
                    ('title', models.CharField(help_text='As shown under a figure.', max_length=200)),
                    ('file_name', models.CharField(blank=True, max_length=200)),
                    ('academic_year', models.PositiveSmallIntegerField(blank=True, null=True)),
                    ('release', models.CharField(choices=[('provisional', 'provisional'), ('revised', 'revised'), ('final', 'final')], default='final', max_length=12)),
                    ('dated', models.DateField(help_text='The day that the file bears, else the day of the import.')),
                    ('licence', models.CharField(blank=True, max_length=120)),
                    ('imported_at', models.DateTimeField()),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='data_sources', to='people.authority')),
                ],
                options={
                    'ordering': ['-imported_at', '-pk'],
                },
            ),
            migrations.CreateModel(
                name='PupilSheet',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('academic_year', models.PositiveSmallIntegerField()),
                    ('summer', models.PositiveSmallIntegerField()),
                    ('pupil_count', models.PositiveSmallIntegerField(default=0)),
                    ('changed_at', models.DateTimeField()),
                    ('dispose_on', models.DateField()),
                    ('closed_on', models.DateField(blank=True, help_text='The round is over from this day: the SIP no longer reads it.', null=True)),
                    ('disposed_at', models.DateTimeField(blank=True, null=True)),
                    ('changed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('school', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pupil_sheets', to='schools.school')),
                ],
            ),
            migrations.CreateModel(
                name='Pupil',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('reference', models.CharField(max_length=20)),
                    ('year_group', models.PositiveSmallIntegerField()),
                    ('prior_en', models.CharField(blank=True, max_length=8)),
                    ('prior_ma', models.CharField(blank=True, max_length=8)),
                    ('estimate_a_en', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                    ('estimate_a_ma', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                    ('estimate_b_en', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                    ('estimate_b_ma', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                    ('estimate_d_en', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                    ('estimate_d_ma', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                    ('target_en', models.CharField(blank=True, max_length=8)),
                    ('target_ma', models.CharField(blank=True, max_length=8)),
                    ('target_five', models.BooleanField(blank=True, help_text='Key Stage 4: five or more grades at A* to C are the target.', null=True)),
                    ('is_girl', models.BooleanField(blank=True, null=True)),
                    ('is_fsm', models.BooleanField(blank=True, null=True)),
                    ('is_sen', models.BooleanField(blank=True, null=True)),
                    ('is_eal', models.BooleanField(blank=True, null=True)),
                    ('sheet', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pupils', to='targets.pupilsheet')),
                ],
                options={
                    'ordering': ['reference'],
                },
            ),
            migrations.CreateModel(
                name='Result',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('value', models.DecimalField(blank=True, decimal_places=4, max_digits=14, null=True)),
                    ('numerator', models.PositiveIntegerField(blank=True, null=True)),
                    ('cohort', models.PositiveIntegerField(blank=True, null=True)),
                    ('code', models.CharField(blank=True, help_text='The special value as it stood.', max_length=12)),
                    ('reason', models.CharField(blank=True, choices=[('suppressed', 'suppressed'), ('no_entries', 'no entries'), ('not_applicable', 'not applicable'), ('not_published', 'not published'), ('new_school', 'new school'), ('low_coverage', 'low coverage'), ('small', 'small'), ('redacted', 'redacted'), ('not_supplied', 'not supplied'), ('not_judged', 'not judged'), ('blank', 'blank')], max_length=16)),
                    ('measure', models.CharField(help_text="Code of the pack's measure, or of a published one (dfe.…).", max_length=40)),
                    ('pupil_group', models.CharField(default='all', max_length=12)),
                    ('academic_year', models.PositiveSmallIntegerField()),
                    ('release', models.CharField(choices=[('provisional', 'provisional'), ('revised', 'revised'), ('final', 'final')], max_length=12)),
                    ('is_current', models.BooleanField(default=True)),
                    ('lower', models.DecimalField(blank=True, decimal_places=4, max_digits=14, null=True)),
                    ('upper', models.DecimalField(blank=True, decimal_places=4, max_digits=14, null=True)),
                    ('school', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='results', to='schools.school')),
                    ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='targets.datasource')),
                ],
                options={
                    'ordering': ['school', 'measure', 'pupil_group', 'academic_year'],
                    'abstract': False,
                },
            ),
            migrations.CreateModel(
                name='Target',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('measure', models.CharField(help_text="Code of the pack's measure.", max_length=60)),
                    ('pupil_group', models.CharField(default='all', max_length=20)),
                    ('summer', models.PositiveSmallIntegerField(help_text='The summer by which it is to be reached: 2010 is academic year 2009/10.')),
                    ('state', models.CharField(choices=[('indicative', 'not yet proposed'), ('proposed', 'proposed'), ('challenged', 'challenged'), ('accepted', 'accepted'), ('agreed', 'agreed'), ('not_agreed', 'set without agreement'), ('submitted', 'submitted'), ('withdrawn', 'withdrawn'), ('does_not_apply', 'does not apply'), ('closing', 'school closing')], default='indicative', max_length=16)),
                    ('lock_version', models.PositiveIntegerField(default=0)),
                    ('indicative', models.DecimalField(blank=True, decimal_places=2, max_digits=8, null=True)),
                    ('proposed', models.DecimalField(blank=True, decimal_places=2, max_digits=8, null=True)),
                    ('challenge', models.DecimalField(blank=True, decimal_places=2, max_digits=8, null=True)),
                    ('value', models.DecimalField(blank=True, decimal_places=2, max_digits=8, null=True)),
                    ('previous', models.DecimalField(blank=True, decimal_places=2, max_digits=8, null=True, verbose_name='last result')),
                    ('estimate', models.DecimalField(blank=True, decimal_places=2, max_digits=8, null=True)),
                    ('estimate_kind', models.CharField(blank=True, help_text='As in FFT D.', max_length=20)),
                    ('cohort', models.PositiveSmallIntegerField(blank=True, null=True)),
                    ('rationale', models.TextField(blank=True, help_text="The school's reason where a flag asks for one.")),
                    ('needs_support', models.BooleanField(default=False, help_text='The school asks for support to reach it.')),
                    ('was_agreed', models.BooleanField(blank=True, help_text='Once submitted: agreed, or set without agreement.', null=True)),
                    ('flags', models.JSONField(blank=True, default=list)),
                    ('kept_flags', models.JSONField(blank=True, default=list)),
                    ('changed_at', models.DateTimeField()),
                    ('school', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='targets', to='schools.school')),
                ],
                options={
                    'ordering': ['summer', 'measure'],
                },
            ),
            migrations.CreateModel(
                name='TargetSignature',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('academic_year', models.PositiveSmallIntegerField(help_text='In which the targets are set.')),
                    ('role', models.CharField(choices=[('headteacher', 'headteacher'), ('chair', 'chair of governors'), ('sip', 'SIP')], max_length=12)),
                    ('name', models.CharField(max_length=200)),
                    ('signed_on', models.DateField()),
                    ('recorded_by', models.CharField(blank=True, help_text='On paper: the name of whoever recorded it.', max_length=200)),
                    ('at', models.DateTimeField()),
                    ('voided_at', models.DateTimeField(blank=True, null=True)),
                    ('by', models.ForeignKey(help_text='Who signed, or recorded what was signed on paper.', on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('school', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='target_signatures', to='schools.school')),
                ],
                options={
                    'ordering': ['signed_on', 'pk'],
                },
            ),
            migrations.CreateModel(
                name='TargetStep',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('action', models.CharField(max_length=20)),
                    ('figure', models.DecimalField(blank=True, decimal_places=2, max_digits=8, null=True)),
                    ('reason', models.TextField(blank=True)),
                    ('evidence', models.TextField(blank=True)),
                    ('at', models.DateTimeField()),
                    ('by_name', models.CharField(max_length=200)),
                    ('by_role', models.CharField(blank=True, max_length=80)),
                    ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('target', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='targets.target')),
                ],
                options={
                    'ordering': ['-at', '-pk'],
                },
            ),
            migrations.CreateModel(
                name='Comparator',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('value', models.DecimalField(blank=True, decimal_places=4, max_digits=14, null=True)),
                    ('numerator', models.PositiveIntegerField(blank=True, null=True)),
                    ('cohort', models.PositiveIntegerField(blank=True, null=True)),
                    ('code', models.CharField(blank=True, help_text='The special value as it stood.', max_length=12)),
                    ('reason', models.CharField(blank=True, choices=[('suppressed', 'suppressed'), ('no_entries', 'no entries'), ('not_applicable', 'not applicable'), ('not_published', 'not published'), ('new_school', 'new school'), ('low_coverage', 'low coverage'), ('small', 'small'), ('redacted', 'redacted'), ('not_supplied', 'not supplied'), ('not_judged', 'not judged'), ('blank', 'blank')], max_length=16)),
                    ('level', models.CharField(choices=[('national', 'England'), ('authority', 'authority'), ('cluster', 'cluster'), ('similar', 'similar schools'), ('target', 'authority’s target')], max_length=10)),
                    ('place', models.CharField(blank=True, max_length=20)),
                    ('phase', models.CharField(blank=True, help_text='Group of phases, as packs name them.', max_length=20)),
                    ('measure', models.CharField(max_length=40)),
                    ('pupil_group', models.CharField(default='all', max_length=12)),
                    ('academic_year', models.PositiveSmallIntegerField()),
                    ('basis', models.CharField(blank=True, help_text='Whom it counts, where there are two: all schools, state-funded.', max_length=40)),
                    ('release', models.CharField(choices=[('provisional', 'provisional'), ('revised', 'revised'), ('final', 'final')], max_length=12)),
                    ('is_current', models.BooleanField(default=True)),
                    ('lower', models.DecimalField(blank=True, decimal_places=4, max_digits=14, null=True)),
                    ('upper', models.DecimalField(blank=True, decimal_places=4, max_digits=14, null=True)),
                    ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='comparators', to='people.authority')),
                    ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='targets.datasource')),
                ],
                options={
                    'ordering': ['measure', 'pupil_group', 'academic_year', 'level'],
                    'abstract': False,
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), ('value__isnull', False)), models.Q(('numerator__isnull', True), ('value__isnull', True), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='targets_comparator_value_or_why'), models.CheckConstraint(condition=models.Q(('numerator__isnull', True), models.Q(('cohort__isnull', False), ('numerator__lte', models.F('cohort'))), _connector='OR'), name='targets_comparator_part_of_cohort'), models.UniqueConstraint(fields=('authority', 'level', 'place', 'phase', 'measure', 'pupil_group', 'academic_year', 'basis', 'release'), name='targets_comparator_once'), models.UniqueConstraint(condition=models.Q(('is_current', True)), fields=('authority', 'measure', 'academic_year', 'pupil_group', 'level', 'place', 'phase', 'basis'), name='targets_comparator_current')],
                },
            ),
            migrations.CreateModel(
                name='Estimate',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('value', models.DecimalField(blank=True, decimal_places=4, max_digits=14, null=True)),
                    ('numerator', models.PositiveIntegerField(blank=True, null=True)),
                    ('cohort', models.PositiveIntegerField(blank=True, null=True)),
                    ('code', models.CharField(blank=True, help_text='The special value as it stood.', max_length=12)),
                    ('reason', models.CharField(blank=True, choices=[('suppressed', 'suppressed'), ('no_entries', 'no entries'), ('not_applicable', 'not applicable'), ('not_published', 'not published'), ('new_school', 'new school'), ('low_coverage', 'low coverage'), ('small', 'small'), ('redacted', 'redacted'), ('not_supplied', 'not supplied'), ('not_judged', 'not judged'), ('blank', 'blank')], max_length=16)),
                    ('measure', models.CharField(max_length=40)),
                    ('pupil_group', models.CharField(default='all', max_length=12)),
                    ('academic_year', models.PositiveSmallIntegerField(help_text='Of the assessment that is estimated.')),
                    ('kind', models.CharField(choices=[('A', 'FFT A'), ('B', 'FFT B'), ('D', 'FFT D')], max_length=1)),
                    ('school', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='estimates', to='schools.school')),
                    ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='targets.datasource')),
                ],
                options={
                    'ordering': ['school', 'measure', 'academic_year', 'kind'],
                    'abstract': False,
                    'indexes': [models.Index(fields=['measure', 'academic_year', 'kind', 'school'], name='targets_estimate_read')],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), ('value__isnull', False)), models.Q(('numerator__isnull', True), ('value__isnull', True), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='targets_estimate_value_or_why'), models.CheckConstraint(condition=models.Q(('numerator__isnull', True), models.Q(('cohort__isnull', False), ('numerator__lte', models.F('cohort'))), _connector='OR'), name='targets_estimate_part_of_cohort'), models.UniqueConstraint(fields=('school', 'measure', 'pupil_group', 'academic_year', 'kind'), name='targets_estimate_once')],
                },
            ),
            migrations.AddConstraint(
                model_name='pupilsheet',
                constraint=models.UniqueConstraint(fields=('school', 'summer'), name='targets_sheet_once'),
            ),
            migrations.AddConstraint(
                model_name='pupil',
                constraint=models.UniqueConstraint(fields=('sheet', 'reference'), name='targets_pupil_once'),
            ),
            migrations.AddIndex(
                model_name='result',
                index=models.Index(condition=models.Q(('is_current', True)), fields=['measure', 'academic_year', 'pupil_group', 'school', 'value', 'numerator', 'cohort', 'source', 'reason', 'code'], name='targets_result_facts'),
            ),
            migrations.AddConstraint(
                model_name='result',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), ('value__isnull', False)), models.Q(('numerator__isnull', True), ('value__isnull', True), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='targets_result_value_or_why'),
            ),
            migrations.AddConstraint(
                model_name='result',
                constraint=models.CheckConstraint(condition=models.Q(('numerator__isnull', True), models.Q(('cohort__isnull', False), ('numerator__lte', models.F('cohort'))), _connector='OR'), name='targets_result_part_of_cohort'),
            ),
            migrations.AddConstraint(
                model_name='result',
                constraint=models.UniqueConstraint(fields=('school', 'measure', 'pupil_group', 'academic_year', 'release'), name='targets_result_once'),
            ),
            migrations.AddConstraint(
                model_name='result',
                constraint=models.UniqueConstraint(condition=models.Q(('is_current', True)), fields=('school', 'measure', 'pupil_group', 'academic_year'), name='targets_result_current'),
            ),
            migrations.AddConstraint(
                model_name='result',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('lower__isnull', True), ('upper__isnull', True)), models.Q(('lower__isnull', False), ('lower__lte', models.F('upper')), ('upper__isnull', False)), _connector='OR'), name='targets_result_interval'),
            ),
            migrations.AddConstraint(
                model_name='target',
                constraint=models.UniqueConstraint(fields=('school', 'measure', 'pupil_group', 'summer'), name='targets_target_once'),
            ),
            migrations.AddConstraint(
                model_name='targetsignature',
                constraint=models.UniqueConstraint(condition=models.Q(('voided_at__isnull', True)), fields=('school', 'academic_year', 'role'), name='targets_signature_once'),
            ),
        ]),
    ]
