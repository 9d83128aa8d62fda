"""Authorities, clusters, accounts, dated roles, SIPs, mentorships, invitations, and the packs an authority has loaded."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from core import clock
from core.access import ScopedQuerySet
from core.files import StoredFile
from core.ids import PublicIdField
from core.spans import Span

from .choices import AuthorityKind, SipKind
from .hats import Hats, load
from .roles import HAT_NAMES, ROLE_HATS, Permission

COLOUR = RegexValidator(r"^#[0-9a-f]{6}$", "Enter a colour as # and six digits, as in #14505c.")


class AuthorityQuerySet(ScopedQuerySet["Authority"]):
    def visible_to(self, user: Any) -> AuthorityQuerySet:
        return self.filter(pk__in=user.hats.authority_ids)


class Authority(models.Model):
    """A tenant: the LA (or trust) whose schools these are. Every row of a school belongs to one."""

    code = models.CharField(max_length=12, unique=True, help_text="The LA code, as in 999.")
    name = models.CharField(max_length=120)
    full_name = models.CharField(max_length=160, blank=True, help_text="As on the note's masthead: Wealdshire County Council.")
    kind = models.CharField(max_length=12, choices=AuthorityKind, default=AuthorityKind.LA)
    directorate = models.CharField(max_length=160, blank=True)
    service = models.CharField(max_length=160, blank=True, help_text="The service that runs the programme.")
    address = models.TextField(blank=True)
    telephone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    website = models.URLField(max_length=200, blank=True)
    brand_colour = models.CharField(max_length=7, default="#14505c", validators=[COLOUR])
    link_colour = models.CharField(max_length=7, default="#0f5c8c", validators=[COLOUR])
    settings = models.JSONField(default=dict, blank=True, help_text="The authority's own values for settings of its pack.")
    closure_days = models.JSONField(default=list, blank=True, help_text="ISO dates on which the authority's offices are closed.")
    lot_seed = models.CharField(max_length=40, blank=True, help_text="Recorded seed of the lot that sends a share of notes to review.")
    created_at = models.DateTimeField()

    objects = AuthorityQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "authorities"

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return self.code

    @property
    def contact(self) -> list[str]:
        """The service's contact block, a line each (P35): footer, documents, bulletins and the last slide say the same."""
        telephone = f"Telephone {self.telephone}" if self.telephone else ""
        lines = [self.service, ", ".join(self.address.split("\n")), telephone, self.email, self.website]
        return [line.strip() for line in lines if line.strip()]


class Cluster(models.Model):
    """The group of schools that a local education officer or partnership manager looks after (P34)."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="clusters")
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["authority", "code"], name="people_cluster_code"),
            models.UniqueConstraint("authority", Lower("name"), name="people_cluster_name"),
        ]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class UserQuerySet(ScopedQuerySet["User"]):
    def visible_to(self, user: Any) -> UserQuerySet:
        """Oneself; and the people of an authority to whoever keeps its accounts or lists its SIPs."""
        hats = user.hats
        listed = hats.authorities_granting(Permission.SIP_LIST) | hats.authorities_granting(Permission.ACCOUNT_MANAGE)
        return self.filter(
            Q(pk=user.pk)
            | Q(pk__in=Sip.objects.filter(authority_id__in=listed).values("user_id"))
            | Q(pk__in=RoleAssignment.objects.filter(authority_id__in=listed).values("user_id"))
            | Q(home_authority_id__in=hats.authorities_granting(Permission.ACCOUNT_MANAGE))
        )


class User(AbstractBaseUser):
    """One account per person, by email. Never deleted: deactivated, later pseudonymised; signatures keep the name as text."""

    public_id = PublicIdField()
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=200)
    telephone = models.CharField(max_length=40, blank=True)
    home_authority = models.ForeignKey(Authority, models.PROTECT, null=True, blank=True, related_name="accounts")
    is_active = models.BooleanField(default=True)
    has_reminders = models.BooleanField(
        "emails of reminders", default=True, help_text="Before and after a deadline. The portal's own list stays."
    )
    filters = models.JSONField(default=dict, blank=True, help_text="The filters last set on each list: its path, the query.")
    deactivated_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager.from_queryset(UserQuerySet)()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="people_user_email"),
            models.CheckConstraint(name="people_user_active_or_when", condition=Q(is_active=True) | Q(deactivated_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    def clean(self) -> None:
        self.email = self.email.strip()

    @cached_property
    def hats(self) -> Hats:
        """What this person is today. Cached on the instance, and an instance lives one request."""
        return load(self, clock.today())

    def forget_hats(self) -> None:
        """After a change of roles within one request, job or test."""
        self.__dict__.pop("hats", None)

    @property
    def is_staff(self) -> bool:
        return self.is_active and self.hats.is_staff

    @property
    def is_superuser(self) -> bool:
        """There is no such person."""
        return False

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Django's permission tables are not used; ``core.admin`` asks ``core.access``."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


class RoleAssignment(Span):
    """A dated role in one authority; for officers optionally limited to clusters."""

    user = models.ForeignKey(User, models.PROTECT, related_name="roles")
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="roles")
    role = models.CharField(max_length=30, choices=[(hat.value, HAT_NAMES[hat]) for hat in ROLE_HATS])
    is_limited_to_clusters = models.BooleanField(default=False)
    clusters = models.ManyToManyField(Cluster, blank=True)
    post = models.CharField(max_length=120, blank=True, help_text="The post's own title, as in Partnership manager.")
    is_named_officer = models.BooleanField(
        default=False, help_text="Alerts and concern drafts go to named officers; to all if none is named."
    )

    class Meta(Span.Meta):
        ordering = ["role", "starts_on"]

    def __str__(self) -> str:
        return f"{self.user.name}, {self.get_role_display()}"


class SipQuerySet(ScopedQuerySet["Sip"]):
    def visible_to(self, user: Any) -> SipQuerySet:
        return self.filter(
            Q(authority_id__in=user.hats.authorities_granting(Permission.SIP_LIST))
            | Q(user_id=user.pk)
            | user.hats.among_mentees("user_id")
        )


class Sip(Span):
    """A School Improvement Partner's profile in one authority (P28): kind, phases, accreditation, who reviews them."""

    public_id = PublicIdField()
    user = models.ForeignKey(User, models.PROTECT, related_name="sip_profiles")
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="sips")
    kind = models.CharField(max_length=14, choices=SipKind)
    phases = models.JSONField(default=list, help_text="Codes of the phases that they may serve.")
    accreditation = models.CharField("accreditation reference", max_length=40, blank=True)
    accredited_on = models.DateField(null=True, blank=True)
    line_manager = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="line_managed_sips")
    assigned_person = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="assigned_sips")
    is_on_review = models.BooleanField("every note is reviewed", default=False, help_text="The manager has put this SIP's notes on review.")
    days_available = models.PositiveIntegerField("days a year, in quarters", null=True, blank=True)

    objects = SipQuerySet.as_manager()

    class Meta(Span.Meta):
        verbose_name = "SIP"
        ordering = ["user__name"]

    def __str__(self) -> str:
        return self.user.name

    def is_new_on(self, day: dt.date) -> bool:
        """In the first year: every note is reviewed, and a mentor is due (P28)."""
        return self.starts_on <= day < self.starts_on.replace(year=self.starts_on.year + 1)

    @property
    def sip_reviewer(self) -> User | None:
        """P28: an adviser's line manager; for all others the assigned person, who is mentor and reviewer in one."""
        return self.line_manager if self.kind == SipKind.ADVISER else self.assigned_person


class Mentorship(Span):
    """Who mentors a SIP, and whether the mentor is also the SIP reviewer (P28)."""

    sip = models.ForeignKey(Sip, models.PROTECT, related_name="mentorships")
    mentor = models.ForeignKey(User, models.PROTECT, related_name="mentorships")
    is_reviewer = models.BooleanField("is also the SIP reviewer", default=False)

    class Meta(Span.Meta):
        ordering = ["starts_on"]

    def __str__(self) -> str:
        return f"{self.mentor.name} mentors {self.sip.user.name}"


class Invitation(models.Model):
    """A single-use link by which a person sets a first password. Only the token's digest is kept."""

    public_id = PublicIdField()
    user = models.ForeignKey(User, models.PROTECT, related_name="invitations")
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="invitations")
    token_digest = models.CharField(max_length=64, unique=True)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-sent_at"]

    def __str__(self) -> str:
        return f"Invitation of {self.user.name}"


class CalendarLink(models.Model):
    """The private address from which a person's own calendar fetches their diary. Only the token's digest is kept."""

    user = models.ForeignKey(User, models.PROTECT, related_name="calendar_links")
    token_digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(revoked_at__isnull=True), name="people_calendar_link_one"),
        ]

    def __str__(self) -> str:
        return f"Calendar link of {self.user.name}"


class Pack(models.Model):
    """A pack that an administrator loaded into an authority for a span of academic years. Superseded, never edited."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="packs")
    code = models.CharField(max_length=60)
    version = models.CharField(max_length=20)
    label = models.CharField(max_length=200)
    first_year = models.PositiveSmallIntegerField("first academic year")
    last_year = models.PositiveSmallIntegerField("last academic year")
    digest = models.CharField(max_length=64)
    file = models.ForeignKey(
        StoredFile, models.PROTECT, related_name="+", help_text="Its content, as canonical JSON: apart, so that no list loads it."
    )
    loaded_at = models.DateTimeField()
    loaded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-loaded_at"]
        constraints = [
            models.UniqueConstraint(fields=["authority", "code", "digest"], name="people_pack_once"),
            models.CheckConstraint(name="people_pack_years_in_order", condition=Q(last_year__gte=models.F("first_year"))),
        ]

    def __str__(self) -> str:
        return f"{self.code}, version {self.version}"
