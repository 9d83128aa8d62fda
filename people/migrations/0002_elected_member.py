from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [
        migrations.AlterField(
            "roleassignment",
            "role",
            models.CharField(
                choices=[
                    ("sip_manager", "SIP manager"),
                    ("head_of_improvement", "Head of school improvement"),
                    ("officer", "Officer"),
                    ("finance_officer", "Finance officer"),
                    ("data_protection_officer", "Data protection officer"),
                    ("regional_coordinator", "Regional coordinator"),
                    ("elected_member", "Elected member"),
                    ("administrator", "Administrator"),
                    ("nc_adviser", "National Challenge adviser"),
                ],
                max_length=30,
            ),
        ),
    ]
