"""The crispy pack: every widget comes out, every name and link in the markup resolves, and messages say what to enter.

crispy renders a form whose template fails as nothing at all, so each test asks for the fields themselves.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from crispy_forms.utils import render_crispy_form
from django import forms
from django.forms import formset_factory
from django.template import engines

from core.components.fields import DateBoxesField, ProseField, Radios
from core.components.forms import PortalForm, required_message
from sip_portal.account_forms import SignInForm
from sip_portal.gallery import WRONG, ActionForm, SampleFilterForm, SampleForm
from tests.components.markup import Markup, check_references


def render(source: str, **context: Any) -> str:
    return engines["django"].from_string(source).render(context)


def names(html: str) -> set[str]:
    return {attrs.get("name", "") for tag, attrs in Markup(html).elements if tag in ("input", "select", "textarea")}


def expected_names(form: forms.BaseForm) -> set[str]:
    found: set[str] = set()
    for name, field in form.fields.items():
        key = form.add_prefix(name)
        if isinstance(field, DateBoxesField):
            found |= {f"{key}_{box}" for box in ("day", "month", "year")}
        else:
            found |= {key, f"{key}_id"} if name == "school" else {key}
    return found


def wrong_form() -> SampleForm:
    return SampleForm(dict(WRONG), {})


@pytest.mark.parametrize("make", [SampleForm, wrong_form, lambda: SampleForm(initial={"days": 5, "held": "yes"}, prefix="p")])
def test_every_widget_comes_out_in_every_state(make: Any) -> None:
    form = make()
    html = render_crispy_form(form)
    assert names(html) == expected_names(form)
    check_references(html)
    for field in form.fields.values():
        assert field.label in html


@pytest.mark.parametrize("make", [SampleForm, wrong_form])
def test_a_form_without_a_layout_comes_out_too(make: Any) -> None:
    form = make()
    html = render("{% load crispy_forms_tags %}{{ form|crispy }}", form=form)
    assert names(html) == expected_names(form)
    check_references(html)


def test_one_field_alone_comes_out() -> None:
    html = render("{% load crispy_forms_tags %}{{ form.on|as_crispy_field }}", form=SampleForm())
    assert names(html) == {"on_day", "on_month", "on_year"}
    assert "For example, 9 October 2008" in html


def test_hidden_fields_come_out_bare() -> None:
    class Hidden(PortalForm):
        token = forms.CharField(widget=forms.HiddenInput)
        name = forms.CharField()

    for html in (render_crispy_form(Hidden()), render("{% load crispy_forms_tags %}{% crispy form %}", form=Hidden())):
        assert names(html) == {"token", "name"}
        assert html.count("govuk-form-group") == 1


def test_checkboxes_are_checkboxes_and_radios_are_radios() -> None:
    # Django's CheckboxSelectMultiple is a RadioSelect: whoever asks in the wrong order shows radios.
    page = Markup(render_crispy_form(SampleForm()))
    kinds = {attrs["name"]: attrs.get("type", tag) for tag, attrs in page.elements if "name" in attrs}
    assert (kinds["met"], kinds["held"], kinds["agreed"], kinds["file"]) == ("checkbox", "radio", "checkbox", "file")
    assert (kinds["kind"], kinds["text"], kinds["email"]) == ("select", "textarea", "email")


def test_a_widget_with_several_inputs_and_no_look_is_refused_loudly() -> None:
    class Unfit(PortalForm):
        at = forms.SplitDateTimeField(widget=forms.SplitDateTimeWidget)

    with pytest.raises(TypeError, match="SplitDateTimeWidget"):
        render_crispy_form(Unfit())


# ---------------------------------------------------------------- errors


def summary_links(html: str) -> list[str]:
    summary = html.split("govuk-error-summary__list", 1)[1].split("</ul>", 1)[0]
    return re.findall(r'href="#([^"]+)"', summary)


def test_every_line_of_the_error_summary_lands_on_its_field() -> None:
    form = wrong_form()
    html = render("{% load crispy_forms_tags %}{% error_summary form %}{% crispy form %}", form=form)
    page = check_references(html)
    by_id = {attrs["id"]: (tag, attrs) for tag, attrs in page.elements if "id" in attrs}
    links = summary_links(html)
    assert len(links) == sum(len(errors) for errors in form.errors.values())
    for link in links:
        tag, attrs = by_id[link]
        assert tag in ("input", "select", "textarea"), link
        assert attrs.get("type") != "hidden"
    assert {"id_on_day", "id_held_0", "id_met_0", "id_school", "id_kind", "id_agreed", "id_why"} <= set(links)


def test_each_error_stands_at_its_field_and_marks_it() -> None:
    form = wrong_form()
    html = render_crispy_form(form)
    assert html.count('class="govuk-error-message"') == sum(len(errors) for errors in form.errors.values())
    page = Markup(html)
    field = next(attrs for _, attrs in page.elements if attrs.get("id") == "id_email")
    assert field["aria-invalid"] == "true"
    assert "govuk-input--error" in field["class"]
    assert field["aria-describedby"] == "id_email_error"
    boxes = {attrs["id"]: attrs for _, attrs in page.elements if attrs.get("id", "").startswith("id_on_")}
    assert boxes["id_on_day"].get("aria-invalid") == "true"
    assert "aria-invalid" not in boxes["id_on_year"]


def test_what_was_typed_is_still_there() -> None:
    html = render_crispy_form(wrong_form())
    for value in ('value="31"', 'value="quarter past"', 'value="lots"', 'value="office"', "Support has made a difference"):
        assert value in html


def test_the_summary_tells_of_forms_rows_and_refusals_together() -> None:
    rows = formset_factory(ActionForm)(
        {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "2", "form-0-action": "a", "form-0-owner": "b", "form-0-due": "2008-12-01"}
    )
    rows.item_name = "Action"
    html = render(
        "{% load crispy_forms_tags %}{% error_summary form rows refused more %}{% crispy form %}{{ rows|crispy }}",
        form=wrong_form(),
        rows=rows,
        refused="The note has moved on: Helen Marlowe is reviewing it.",
        more=[("#id_kind", "A line of the page’s own")],
    )
    check_references(html)
    links = summary_links(html)
    assert "id_form-1-owner" in links
    assert not any(link.startswith("id_form-0") for link in links)
    assert "Action 2: Enter the owner" in html
    assert "<li>The note has moved on: Helen Marlowe is reviewing it.</li>" in html
    assert '<a href="#id_kind">A line of the page’s own</a>' in html


@pytest.mark.parametrize("sources", [(), (None, "", []), (SampleForm(),), (SampleFilterForm({}),)])
def test_nothing_wrong_is_no_summary(sources: tuple[Any, ...]) -> None:
    context = {f"s{i}": source for i, source in enumerate(sources)}
    words = " ".join(context)
    assert render(f"{{% error_summary {words} %}}", **context) == ""
    assert render(f"{{% has_errors {words} as wrong %}}{{{{ wrong }}}}", **context) == "False"


def test_an_error_above_all_has_no_link() -> None:
    form = SampleFilterForm({})
    form.is_valid()
    form.refuse(None, "The school has a SIP until 31 August 2009.")
    assert "<li>The school has a SIP until 31 August 2009.</li>" in render("{% error_summary form %}", form=form)


def test_words_of_people_are_escaped() -> None:
    form = SampleForm({"school": "<b>Ash</b>", "email": '"><script>'})
    html = render("{% load crispy_forms_tags %}{% error_summary form %}{% crispy form %}", form=form)
    assert "<script>" not in html
    assert "<b>" not in html
    assert "&lt;b&gt;Ash&lt;/b&gt;" in html


# ---------------------------------------------------------------- messages


@pytest.mark.parametrize(
    ("field", "label", "message"),
    [
        (forms.CharField(), "Evidence", "Enter the evidence"),
        (forms.CharField(), "Your reason", "Enter your reason"),
        (forms.CharField(), "URN", "Enter the URN"),
        (forms.CharField(), "What happened", "Enter what happened"),
        (forms.CharField(), "Who was there?", "Enter an answer to “Who was there?”"),
        (forms.ChoiceField(), "Cluster", "Select the cluster"),
        (forms.ChoiceField(), "Was the visit held?", "Select an answer to “Was the visit held?”"),
        (forms.MultipleChoiceField(), "Purposes", "Select at least one of: purposes"),
        (forms.FileField(), "File", "Choose the file"),
        (forms.BooleanField(), "I have read it", "Tick the box to say: I have read it"),
        (DateBoxesField(), "Visit date", "Enter the visit date"),
    ],
)
def test_a_message_says_what_to_enter(field: forms.Field, label: str, message: str) -> None:
    assert required_message(field, label) == message


def test_no_form_of_the_portal_says_that_this_field_is_required() -> None:
    form = SampleForm({})
    said = [message for errors in form.errors.values() for message in errors]
    assert said
    assert not [message for message in said if "This field" in message]
    assert form.errors["why"] == ["Enter why the visit was moved, in a sentence"]


def test_messages_of_django_name_the_field() -> None:
    class Plain(PortalForm):
        name = forms.CharField(max_length=5)
        pupils = forms.IntegerField(label="Number of pupils", min_value=1, max_value=2000)
        cluster = forms.ChoiceField(label="Cluster", choices=[("m", "Marlbridge")])
        ours = forms.IntegerField(error_messages={"invalid": "Say how many"})
        email = forms.EmailField()

    def said(**data: str) -> dict[str, list[str]]:
        return dict(Plain(data).errors)

    wrong = said(name="Ashcombe", pupils="many", cluster="x", ours="few", email="office")
    assert wrong == {
        "name": ["Name must be 5 characters or fewer; you entered 8"],
        "pupils": ["Number of pupils must be a whole number"],
        "cluster": ["Select the cluster from the list"],
        "ours": ["Say how many"],
        "email": ["Enter an email address in the correct format, like name@example.com"],
    }
    assert said(pupils="0")["pupils"] == ["Number of pupils must be 1 or more"]
    assert said(pupils="2001")["pupils"] == ["Number of pupils must be 2000 or less"]


def test_forms_that_are_not_ours_keep_their_own_messages() -> None:
    class Ours(PortalForm):
        email = forms.EmailField()

    class Theirs(forms.Form):
        email = forms.EmailField()

    assert Ours({"email": "office"}).errors != Theirs({"email": "office"}).errors
    assert Theirs({"email": "office"}).errors["email"] == ["Enter a valid email address."]


def test_what_may_be_left_out_is_marked_but_not_in_filters() -> None:
    assert "Cost (optional)" in render_crispy_form(SampleForm())
    assert "Days in school (optional)" not in render_crispy_form(SampleForm())
    assert "(optional)" not in render_crispy_form(SampleFilterForm())


def test_no_field_asks_the_browser_to_check_it() -> None:
    page = Markup(render_crispy_form(SampleForm()))
    assert not [attrs for _, attrs in page.elements if "required" in attrs]


def test_forms_of_other_packages_speak_our_words() -> None:
    form = SignInForm({"login": "", "password": ""})
    assert form.errors == {"login": ["Enter your email address"], "password": ["Enter your password"]}
    html = render_crispy_form(form)
    assert names(html) == {"login", "password"}
    assert "placeholder" not in html
    check_references(html)


# ---------------------------------------------------------------- particular widgets


def test_a_choice_can_have_a_hint_of_its_own() -> None:
    page = check_references(render_crispy_form(SampleForm()))
    school = next(attrs for _, attrs in page.elements if attrs.get("id") == "id_moved_0")
    assert school["aria-describedby"] == "id_moved_0_hint"


def test_a_choice_reveals_its_fields_and_shows_them_where_it_is_chosen() -> None:
    closed, opened = render_crispy_form(SampleForm()), render_crispy_form(SampleForm(initial={"moved": "other"}))
    assert 'data-reveals="id_moved_2_reveals"' in closed
    assert 'govuk-radios__conditional--hidden" id="id_moved_2_reveals"' in closed
    assert 'class="govuk-radios__conditional" id="id_moved_2_reveals"' in opened
    assert closed.count('name="why"') == 1


def test_choices_in_groups_keep_their_groups() -> None:
    class Grouped(PortalForm):
        kind = forms.ChoiceField(choices=[("a", "Alone"), ("b", "Also alone"), ("Later", [("c", "In a group")])], widget=Radios())

    html = render_crispy_form(Grouped())
    assert html.count('type="radio"') == 3
    assert re.search(r"__divider[^>]*>Later<.*In a group", html, re.DOTALL)


def test_a_text_with_a_guide_in_words_says_it() -> None:
    page = check_references(render_crispy_form(SampleForm()))
    area = next(attrs for tag, attrs in page.elements if tag == "textarea")
    assert area["aria-describedby"] == "id_text_helptext id_text_info"


def test_units_stand_beside_the_box() -> None:
    html = render_crispy_form(SampleForm(initial={"cost": 320_000, "days": 5}))
    assert '<div class="govuk-input__prefix" aria-hidden="true">£</div>' in html
    assert '<div class="govuk-input__suffix" aria-hidden="true">days</div>' in html
    assert 'value="3,200"' in html
    assert 'value="1.25"' in html


def test_a_legend_is_never_compiled_as_a_template() -> None:
    from core.components.layout import Group, Layout

    class Sly(PortalForm):
        name = forms.CharField()

        def layout(self) -> Layout:
            return Layout(Group("{{ 6|add:7 }} <b>", "name"))

    html = render_crispy_form(Sly())
    assert "{{ 6|add:7 }} &lt;b&gt;" in html
    assert names(html) == {"name"}


def test_a_text_area_cuts_nothing_off_and_says_what_is_too_much() -> None:
    class Long(PortalForm):
        words = ProseField(label="Your words", max_length=20)

    assert "maxlength" not in str(Long()["words"])
    form = Long({"words": "x" * 21})
    assert form.errors["words"] == ["Your words must be 20 characters or fewer; you entered 21"]
    assert "x" * 21 in str(form["words"])
