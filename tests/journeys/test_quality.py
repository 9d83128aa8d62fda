"""A term's quality assurance of the small demonstration, in a real browser, by the people whose work it is.

The manager, with a second factor, works the queues of the admin site: a gate review is returned, resubmitted by its author in
the editor and approved; a shadowing is planned, the headteacher told, the visit written up, answered and closed; a headteacher
is reminded and answers by the link alone; a round is closed, its sample drawn, two moderators differ and are settled; the
year's feedback is released by the clock, and the SIP reads what was said and not who said it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.totp.internal import auth
from django.db import connection

from core.outbox import OutboxEmail
from quality import services as quality
from sip_portal.demo.seed import PASSWORD
from tests import seeded

pytestmark = [
    pytest.mark.journey,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="the demonstration is kept as a file of SQLite"),
]

REASON = "Say what the reading project did for pupils."
SAID = "Pupils in the reading project gained eight months in five."
COMMENT = "The governors ask for the note before their meeting, and twice had it after."
SUMMARY = "Notes are asked for sooner."


@pytest.fixture
def demonstration(settings: Any, transactional_db: None, tmp_path: Path) -> Iterator[None]:
    settings.SIP_TODAY, settings.SECOND_FACTOR_REQUIRED = dt.date(2008, 10, 14), True
    with seeded.laid_into_the_database(seeded.demonstration(tmp_path), tmp_path):
        yield


def link_to(address: str, path: str) -> str:
    """The path of the newest link in the email to somebody, which is all that they have."""
    email = OutboxEmail.objects.filter(to_address=address, body__contains=path).latest("pk")
    return next(urlsplit(word).path for word in email.body.split() if path in word)


class Person:
    """Somebody with a browser of their own."""

    def __init__(self, new_context: Any, live_server: Any, address: str) -> None:
        self.root, self.address = live_server.url, address
        self.page = new_context(viewport={"width": 1280, "height": 900}).new_page()
        self.page.set_default_timeout(60_000)

    def opens(self, path: str) -> str:
        answer = self.page.goto(f"{self.root}{path}")
        assert answer.status == 200, (self.address, path, answer.status)
        return self.text

    @property
    def text(self) -> str:
        return str(self.page.locator("main").inner_text())

    def follows(self, name: str, within: str = "main") -> None:
        with self.page.expect_navigation():
            where = self.page.locator(within)
            where.get_by_role("link", name=name).or_(where.get_by_role("button", name=name)).first.click()

    def presses(self, name: str | None = None) -> None:
        """A button of the page, by default the last that sends its form."""
        main = self.page.locator("main")
        with self.page.expect_navigation():
            (main.get_by_role("button", name=name) if name else main.locator("form button[type=submit]")).last.click()
        assert not self.page.locator(".govuk-error-summary").count(), self.page.locator(".govuk-error-summary").inner_text()

    def signs_in(self, password: str = PASSWORD) -> Person:
        self.opens("/accounts/login/")
        self.page.fill("[name=login]", self.address)
        self.page.fill("[name=password]", password)
        self.presses("Sign in")
        return self

    def signs_in_anew(self) -> Person:
        """With a password that they set by the link of an email: not everybody of the demonstration has one."""
        self.opens("/accounts/password/reset/")
        self.page.fill("[name=email]", self.address)
        self.presses("Send")
        self.opens(link_to(self.address, "/accounts/password/reset/key/"))
        for field in ("password1", "password2"):
            self.page.fill(f"[name={field}]", "a-heron-over-seven-weirs")
        self.presses()
        return self.signs_in("a-heron-over-seven-weirs")

    def turns_the_second_step_on(self) -> None:
        self.page.fill("[name=password]", PASSWORD)
        self.presses("Go on")
        secret = self.page.locator("code").inner_text()
        code = auth.format_hotp_value(auth.hotp_value(secret, next(auth.yield_hotp_counters_from_time())))
        self.page.fill("[name=code]", code)
        self.presses("Turn it on")

    def acts(self, queue: str, row: str, action: str, query: str = "", **fields: str) -> None:
        """Tick a row of a queue of the admin site, choose the action, see it listed, confirm, and read that it was done."""
        self.opens(f"/admin/quality/{queue}/{query}")
        self.page.locator("#result_list tbody tr", has_text=row).locator("input.action-select").check()
        self.page.select_option("select[name=action]", label=action)
        with self.page.expect_navigation():
            self.page.locator("button[name=index]").click()
        for field, value in fields.items():
            where = self.page.locator(f"[name={field}]")
            if where.evaluate("field => field.tagName") == "SELECT":
                where.select_option(label=where.locator("option", has_text=value).first.inner_text())
            else:
                where.fill(value)
        with self.page.expect_navigation():
            self.page.locator(".submit-row input[type=submit]").click()
        assert "Done for 1 of 1" in self.text, (queue, action, self.text)

    def rates(self, overall: int) -> None:
        """What waits to be rated: read, each criterion graded with its evidence, the rating given."""
        self.opens("/quality/moderation/")
        self.follows("2008/")
        self.follows("Rate it")
        grades = {field.get_attribute("name") for field in self.page.locator("input[name^=grade_]").all()}
        for name in grades:
            self.page.locator(f"input[name={name}][value='2']").check(force=True)
        for field in self.page.locator("textarea[name^=evidence_]").all():
            field.fill("Said in the first line of the section.")
        self.page.locator(f"input[name=overall][value='{overall}']").check(force=True)
        self.presses("Give the rating")


def test_the_terms_quality_assurance_of_the_demonstration(new_context: Any, live_server: Any, demonstration: None, settings: Any) -> None:
    def person(name: str, at: str = "wealdshire.example") -> Person:
        return Person(new_context, live_server, f"{name}@{at}")

    # no second factor, no admin site, nor anything else
    manager = person("stuart.haffenden").signs_in()
    assert "Your role may enter the admin site, so your account needs a second step" in manager.opens("/admin/")
    manager.turns_the_second_step_on()
    assert re.search(r"Gate reviews\s.*4 to decide", manager.opens("/admin/"), re.DOTALL)

    # a gate review: returned with reasons, written on and resubmitted by its author in the editor, approved
    manager.acts("gatequeue", "Cobbleham Foundation", "Return with reasons", reason=REASON)
    author = person("lionel.crockford").signs_in_anew()
    author.opens("/")
    author.follows("Correct the note: Autumn visit: pupil review, Cobbleham Foundation Primary School")
    assert REASON in author.text
    author.follows("Standards and progress")
    author.page.fill("#body", f"{author.page.input_value('#body')}\n\n{SAID}")
    author.presses("Save and go on")
    author.follows("Check and submit")
    author.presses("Submit")
    assert "Returned, now resubmitted" in manager.opens("/quality/")
    manager.acts("gatequeue", "Cobbleham Foundation", "Approve")
    assert "Cobbleham" not in manager.opens("/admin/quality/gatequeue/")

    # a shadowing: planned for the next booked visit, by default with the assigned person; the headteacher told
    manager.acts("siptoshadow", "Kwabena Amponsah", "Plan a shadowing")
    manager.acts("shadowing", "Kwabena Amponsah", "Tell the headteacher", "?todo=tell")

    # feedback: a headteacher is reminded, and answers by the link of the email, without an account
    manager.acts("feedbackrequest", "Curlbourne Foundation", "Remind", "?q=Curlbourne&state__exact=asked")
    head = person("eamon.prunty", "schools.wealdshire.example")
    assert "Stuart Haffenden" in head.opens(link_to(head.address, "/feedback/form/")), "the first screen names who reads"
    head.presses("Start")
    while not (last := head.page.get_by_role("button", name="Send my answers").count()):
        for group in head.page.locator("fieldset").all():
            group.locator("input[type=radio]").first.check(force=True)
        head.presses("Save and go on")
    assert last
    head.page.locator("textarea").last.fill(COMMENT)
    head.presses("Send my answers")
    assert "Your answers are sent" in head.text

    # nine days later the visit is over: the observer writes it up, the SIP answers, the observer closes it
    settings.SIP_TODAY = dt.date(2008, 10, 23)
    observer = person("mark.uffindell").signs_in()
    observer.opens("/quality/shadowing/")
    observer.follows("Kwabena Amponsah")
    observer.follows("Write it up")
    observer.page.fill("[name=strength_prepared]", "Every data set on the list was read.")
    observer.page.fill("[name=next_step]", "Ask what last year's project did for pupils.")
    observer.presses("Send it to")
    sip = person("kwabena.amponsah").signs_in_anew()
    sip.opens("/quality/shadowing/")
    sip.follows("Kwabena Amponsah")
    assert "Every data set on the list was read." in sip.text
    sip.follows("Answer")
    sip.page.fill("[name=response]", "Agreed, on my next visit.")
    sip.presses()
    assert "Agreed, on my next visit." in sip.text
    observer.page.reload()
    observer.presses("Close it")
    assert "5 of 8" in manager.opens("/quality/").replace("\n", " ")

    # the round has ended: closed, its sample drawn, two moderators appointed who differ, and the grade that stands
    settings.SIP_TODAY = dt.date(2008, 12, 15)
    manager.opens("/rounds/")
    manager.follows("Autumn 2008 pupil review: primary")
    manager.presses("Close the round")
    manager.acts("roundtosample", "Autumn 2008 pupil review: primary", "Draw the sample", due_on="2009-01-30", seed="20081215")
    manager.opens("/admin/quality/samplednote/?is_twice__exact=1&moderators=wanted")
    twice = manager.page.locator("#result_list tbody tr th").inner_text()
    for name, overall in (("zoe.apthorp", 2), ("hema.chandrasekhar", 3)):
        manager.acts("samplednote", twice, "Assign a moderator", "?moderators=wanted", moderator=name)
        person(name).signs_in().rates(overall)
    manager.acts("samplednote", twice, "Settle two grades", "?grades=differ", grade="3", reason="Two actions have no measure.")
    assert "seed 20081215" in manager.opens("/quality/")

    # July: the reviewer reads, and sums up; the clock releases; the SIP reads what was said, and not who said it
    settings.SIP_TODAY = dt.date(2009, 7, 9)
    manager.opens("/feedback/")
    manager.follows("2008/09 about Rosemary Attfield")
    assert COMMENT in manager.page.locator("main").text_content()
    manager.page.fill("textarea[name=text]", SUMMARY)
    manager.presses("Keep the summary")
    settings.SIP_TODAY = dt.date(2009, 7, 10)
    quality.release_due_feedback(at=dt.datetime(2009, 7, 10, 6, tzinfo=dt.UTC))
    released = manager.opens("/admin/quality/feedbackrelease/")
    assert "2008/09" in released and "2007/08" in released
    reviewed = person("rosemary.attfield").signs_in()
    told = reviewed.opens("/feedback/")
    assert "2008/09" in told and "12 asked" in told and "Who has answered, and how many, is not shown to you" in told
    for secret in (COMMENT, "Prunty", "Curlbourne", "answered:", "Tsang"):
        assert secret not in reviewed.page.content(), secret
    manager.follows("Back to the portal", within="body")
    assert manager.page.url == f"{live_server.url}/"
