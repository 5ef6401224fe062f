"""Resources: the four lists as forms, the kinds of service, and projects whose unknown fields say so."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from knowledge.catalogue import Catalogue, CatalogueError
from knowledge.resources import ListKind, Resource, ServiceKind

PROJECTS = ("艺术护照", "五扶临门", "心之旅", "桥计划", "帮侬一把", "爱心传递", "爱心助老", "温暖加梯", "追光小屋")


@cache
def bundled() -> Catalogue:
    return Catalogue.bundled()


def project(name: str) -> Resource:
    return next(p for p in bundled().resources.projects if p.name == name)


def complaint(change: Callable[[dict[str, Any]], object]) -> str:
    content = copy.deepcopy(json.loads(bundled().content()))
    change(content)
    with pytest.raises(CatalogueError) as error:
        Catalogue.from_content(json.dumps(content))
    return str(error.value)


def resources(content: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = content["resources.yaml"]
    return found


def test_there_are_four_lists_each_a_form_to_fill_in() -> None:
    lists = bundled().resources.lists
    assert [form.kind for form in lists] == list(ListKind)
    for form in lists:
        names = [column.name for column in form.columns]
        assert len(names) == len(set(names)) >= 5
        assert any(column.required for column in form.columns)
        assert all(column.label and column.hint for column in form.columns)
        assert form.kept_by
        assert form.basis


def test_the_resource_form_has_a_column_for_every_field_of_a_project() -> None:
    form = next(form for form in bundled().resources.lists if form.kind is ListKind.RESOURCES)
    names = {column.name for column in form.columns}
    assert names >= {"name", "kind", "offers", "for_whom", "provider", "contact", "subdistricts"}


def test_four_kinds_of_service_with_whom_they_are_for() -> None:
    categories = bundled().resources.categories
    assert [category.kind for category in categories] == list(ServiceKind)
    assert [category.name for category in categories] == ["生活类", "提升类", "扶持类", "综合性"]
    assert all(category.services and category.for_whom and category.basis for category in categories)


@pytest.mark.parametrize("name", PROJECTS)
def test_each_project_of_the_district_is_listed_with_its_source(name: str) -> None:
    assert any(reference.article == "六、2." for reference in project(name).basis)


def test_what_nobody_told_us_stays_unknown() -> None:
    assert project("五扶临门").unknown == ("kind", "offers", "for_whom", "provider", "contact")
    assert "contact" in project("爱心传递").unknown
    assert project("爱心传递").offers is not None


def test_no_contact_is_invented() -> None:
    for one in bundled().resources.projects:
        written = "".join(filter(None, (one.offers, one.for_whom, one.provider, one.note)))
        assert one.contact is None, one.name
        assert not re.search(r"\d{3,}|\d+号", written), one.name


def test_projects_are_found_by_kind() -> None:
    assert project("艺术护照") in bundled().resources.of_kind(ServiceKind.GROWTH)
    assert project("五扶临门") not in bundled().resources.of_kind(ServiceKind.GROWTH)


def test_every_project_is_spoken_of_in_the_charity_programme() -> None:
    charity = bundled().programmes["cishan"]
    lines = "".join(line.text for section in charity.sections for line in section.lines)
    assert [one.name for one in bundled().resources.projects if one.name not in lines] == []


def test_a_project_without_source_is_refused_with_an_example() -> None:
    text = complaint(lambda c: resources(c)["projects"][0].update(basis=[]))
    assert "at least one source" in text
    assert "措施 六、2." in text


def test_an_unknown_kind_is_refused_with_the_known_ones() -> None:
    text = complaint(lambda c: resources(c)["projects"][0].update(kind="money"))
    assert "'money'" in text
    assert "daily_life, growth, support, combined" in text


def test_a_project_given_twice_is_refused() -> None:
    text = complaint(lambda c: resources(c)["projects"].append(copy.deepcopy(resources(c)["projects"][0])))
    assert "'yishu_huzhao' stands there twice" in text


def test_a_form_without_columns_is_refused() -> None:
    text = complaint(lambda c: resources(c)["lists"][0].update(columns=[]))
    assert "columns" in text
    assert "at least one item" in text
