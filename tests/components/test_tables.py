"""Sort orders and keyset pages, and the table component that shows them."""

from __future__ import annotations

import datetime as dt
import json
import re
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from django.http import QueryDict
from django.template import engines
from django.test import RequestFactory

from core.components.tables import Page, Sort, columns_from, keyset_page
from people.models import User
from tests.factories.people import NOW, make_user

ORDERS = {"name": ("name",), "closed": ("deactivated_at", "name"), "newest": ("-created_at",)}


def render(source: str, query: str = "", **context: Any) -> str:
    """The HTML, without the space in which it is laid out."""
    request = RequestFactory().get(f"/list/?{query}")
    return re.sub(r">\s+|\s+<", lambda found: found[0].strip(), engines["django"].from_string(source).render(context, request))


# ---------------------------------------------------------------- sort


@pytest.mark.parametrize(
    ("asked", "value", "order"),
    [
        ("", "closed", ("deactivated_at", "name")),
        ("name", "name", ("name",)),
        ("-closed", "-closed", ("-deactivated_at", "-name")),
        ("-newest", "-newest", ("created_at",)),
        ("password", "closed", ("deactivated_at", "name")),
        ("--name", "closed", ("deactivated_at", "name")),
    ],
)
def test_only_the_orders_that_the_view_names_can_be_asked_for(asked: str, value: str, order: tuple[str, ...]) -> None:
    sort = Sort.read(QueryDict(f"sort={asked}"), ORDERS, default="closed")
    assert (sort.value, sort.order) == (value, order)


def test_a_heading_links_to_its_order_and_back_and_keeps_the_filters() -> None:
    sort = Sort.read({"sort": "name"}, ORDERS, default="name")
    html = render(
        '{% table "People" columns="Name:sort=name|Closed:date:sort=-closed|Role|Change:hidden" sort=sort %}<tr></tr>{% endtable %}',
        "sort=name&cluster=m&cursor=xyz",
        sort=sort,
    )
    assert '<th scope="col" aria-sort="ascending"><a class="portal-sort" href="?sort=-name&amp;cluster=m">Name</a>' in html
    assert '<th scope="col" class="date" aria-sort="none"><a class="portal-sort" href="?sort=-closed&amp;cluster=m">Closed</a>' in html
    assert '<th scope="col">Role</th>' in html
    assert '<span class="govuk-visually-hidden">Change</span>' in html


def test_a_table_says_the_same_for_one_row_and_for_a_hundred() -> None:
    source = '{% table "Notes" columns="Note|Due:date" %}{% for n in rows %}<tr><th scope="row">{{ n }}</th><td></td></tr>{% endfor %}{% endtable %}'
    one, many = render(source, rows=range(1)), render(source, rows=range(100))
    assert (one.count("<tr>"), many.count("<tr>")) == (2, 101)
    row = '<tr><th scope="row">{}</th><td></td></tr>'
    assert many.replace("".join(row.format(n) for n in range(100)), "") == one.replace(row.format(0), "")
    assert one.count("<caption") == one.count("<thead>") == one.count("<tbody>") == 1


def test_a_table_needs_no_role_and_scrolls_in_a_frame_that_the_keyboard_reaches() -> None:
    html = render('{% table "Notes of the year" columns="Note|Due" %}<tr></tr>{% endtable %}')
    assert 'tabindex="0" role="group" aria-label="Notes of the year"' in html
    table = html[html.index("<table") :]
    assert "role=" not in table
    assert ">Notes of the year</caption>" in table


def test_rows_may_stand_in_groups() -> None:
    html = render(
        '{% table "T" columns="A|B" %}{% tbody "Statutory" columns=2 %}<tr><td>1</td></tr>{% endtbody %}{% endtable %}',
    )
    assert html.count("<tbody") == 1
    assert '<th scope="rowgroup" class="band" colspan="2">Statutory</th>' in html


def test_a_kind_of_column_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="figure"):
        columns_from("School|Days left:figure")


# ---------------------------------------------------------------- keyset pages


@pytest.fixture
def people(db: None) -> list[User]:
    """Eleven: some names twice, six of them never closed."""
    found = []
    for i, name in enumerate(["Ash", "Birch", "Birch", "Cedar", "Elm", "Fir", "Fir", "Fir", "Hazel", "Oak", "Yew"]):
        closed = NOW + dt.timedelta(days=i // 2) if i % 2 else None
        found.append(make_user(name, is_active=closed is None, deactivated_at=closed))
    return found


def walk(order: tuple[str, ...], size: int) -> list[list[int]]:
    pages, cursor = [], ""
    while True:
        page = keyset_page(User.objects.all(), order, cursor, size=size)
        pages.append([user.pk for user in page])
        if not page.next:
            return pages
        cursor = page.next


def walk_back(order: tuple[str, ...], size: int) -> list[list[int]]:
    page = keyset_page(User.objects.all(), order, None, size=size)
    while page.next:
        page = keyset_page(User.objects.all(), order, page.next, size=size)
    pages = []
    while page.previous:
        page = keyset_page(User.objects.all(), order, page.previous, size=size)
        pages.append([user.pk for user in page])
    return pages[::-1]


@pytest.mark.both
@pytest.mark.parametrize(
    "order", [("name",), ("-name",), ("deactivated_at", "name"), ("-deactivated_at", "-name"), ("-created_at",), ("pk",)]
)
@pytest.mark.parametrize("size", [1, 3, 4, 50])
def test_pages_show_every_row_once_in_one_order(people: list[User], order: tuple[str, ...], size: int) -> None:
    whole = keyset_page(User.objects.all(), order, None, size=50)
    assert whole.is_whole
    rows = [user.pk for user in whole]
    assert sorted(rows) == sorted(user.pk for user in people)
    forwards = walk(order, size)
    assert [pk for page in forwards for pk in page] == rows
    assert walk_back(order, size) == forwards[:-1]


@pytest.mark.both
@pytest.mark.parametrize("order", [("deactivated_at",), ("-deactivated_at",)])
def test_empty_values_stand_last_in_either_direction(people: list[User], order: tuple[str, ...]) -> None:
    closed = [user.deactivated_at for user in keyset_page(User.objects.all(), order)]
    assert [value is None for value in closed] == [False] * 5 + [True] * 6
    dates = [value for value in closed if value]
    assert dates == sorted(dates, reverse=order[0].startswith("-"))


def test_a_page_is_one_query(people: list[User], django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        page = keyset_page(User.objects.all(), ("name",), None, size=3)
    with django_assert_num_queries(1):
        assert len(keyset_page(User.objects.all(), ("name",), page.next, size=3)) == 3


def test_a_row_that_came_meanwhile_moves_no_page(people: list[User]) -> None:
    first = keyset_page(User.objects.all(), ("name",), None, size=4)
    make_user("Aaron")
    second = keyset_page(User.objects.all(), ("name",), first.next, size=4)
    assert [user.name for user in second] == ["Elm", "Fir", "Fir", "Fir"]


def cursor_of(*values: Any) -> str:
    return urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "no cursor",
        "%%%",
        "x" * 5000,
        cursor_of("after"),
        cursor_of("sideways", "Elm", 3),
        cursor_of("after", ["Elm"], 3),
        cursor_of("after", "Elm", "three"),
        cursor_of({"after": 1}),
        urlsafe_b64encode(b"[1").decode(),
    ],
)
def test_a_cursor_that_cannot_be_read_shows_the_first_page(people: list[User], cursor: str) -> None:
    assert [user.name for user in keyset_page(User.objects.all(), ("name",), cursor, size=2)] == ["Ash", "Birch"]


def test_an_old_cursor_whose_rows_have_gone_shows_the_first_page(people: list[User]) -> None:
    page = keyset_page(User.objects.all(), ("name",), cursor_of("after", "Zelkova", 0), size=2)
    assert [user.name for user in page] == ["Ash", "Birch"]


def test_rows_may_be_dictionaries(people: list[User]) -> None:
    rows = keyset_page(User.objects.values("id", "name"), ("name",), None, size=2)  # type: ignore[arg-type]
    more = keyset_page(User.objects.values("id", "name"), ("name",), rows.next, size=2)  # type: ignore[arg-type]
    assert [row["name"] for row in [*rows, *more]] == ["Ash", "Birch", "Birch", "Cedar"]  # type: ignore[index]


def test_the_pager_keeps_filters_and_order() -> None:
    html = render('{% pager page what="notes" %}', "cluster=m&sort=-due&cursor=old", page=Page([1], next="n1", previous="p1"))
    assert 'href="?cluster=m&amp;sort=-due&amp;cursor=p1" rel="prev"' in html
    assert 'href="?cluster=m&amp;sort=-due&amp;cursor=n1" rel="next"' in html
    assert '<a class="govuk-link portal-small" href="?cluster=m&amp;sort=-due">First page</a>' in html
    assert 'aria-label="Pages of notes"' in html


def test_the_pager_is_silent_where_the_list_is_whole() -> None:
    assert render("{% pager page %}", page=Page([1, 2])) == ""
    assert 'rel="prev"' not in render("{% pager page %}", page=Page([1], next="n1"))
