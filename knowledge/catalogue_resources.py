"""resources.yaml into records: the four lists as forms, kinds of service, projects."""

from __future__ import annotations

from typing import Any

from knowledge.catalogue_entries import CatalogueError, Entry
from knowledge.catalogue_programmes import Documents
from knowledge.parameters import Reference
from knowledge.resources import Column, ListForm, ListKind, Resource, Resources, ServiceCategory, ServiceKind


def read_resources(data: Any, documents: Documents) -> Resources:
    entry = Entry("resources.yaml", data)
    resources = Resources(
        lists=entry.list_of("lists", lambda where, item: _list_form(where, item, documents)),
        categories=entry.list_of("categories", lambda where, item: _category(where, item, documents)),
        projects=entry.list_of("projects", lambda where, item: _project(where, item, documents)),
    )
    entry.finish()
    ids = [project.id for project in resources.projects]
    for project_id in ids:
        if ids.count(project_id) > 1:
            raise CatalogueError(f"resources.yaml: project '{project_id}' stands there twice; keep one entry")
    return resources


def _list_form(where: str, data: Any, documents: Documents) -> ListForm:
    entry = Entry(where, data)
    form = ListForm(
        kind=entry.choice("kind", ListKind),
        name=entry.text("name", "社会救助资源清单"),
        purpose=entry.text("purpose"),
        kept_by=entry.text("kept_by", "各街镇"),
        columns=entry.list_of("columns", _column, required=True),
        basis=_sources(entry, documents),
    )
    entry.finish()
    return form


def _column(where: str, data: Any) -> Column:
    entry = Entry(where, data)
    column = Column(entry.text("name", "contact"), entry.text("label", "联系方式"), entry.text("hint"), entry.flag("required"))
    entry.finish()
    return column


def _category(where: str, data: Any, documents: Documents) -> ServiceCategory:
    entry = Entry(where, data)
    category = ServiceCategory(
        kind=entry.choice("kind", ServiceKind),
        name=entry.text("name", "生活类"),
        for_whom=entry.text("for_whom"),
        services=entry.texts("services"),
        basis=_sources(entry, documents),
    )
    entry.finish()
    return category


def _project(where: str, data: Any, documents: Documents) -> Resource:
    entry = Entry(where, data)
    project = Resource(
        id=entry.text("id", "aixin_chuandi"),
        name=entry.text("name", "爱心传递"),
        kind=entry.choice("kind", ServiceKind) if "kind" in entry else entry.raw("kind"),
        offers=entry.optional_text("offers"),
        for_whom=entry.optional_text("for_whom"),
        provider=entry.optional_text("provider"),
        contact=entry.optional_text("contact"),
        subdistricts=entry.texts("subdistricts"),
        checked_on=entry.day("checked_on"),
        basis=_sources(entry, documents),
        note=entry.optional_text("note") or "",
    )
    entry.finish()
    return project


def _sources(entry: Entry, documents: Documents) -> tuple[Reference, ...]:
    basis = documents.references(entry)
    if not basis:
        raise entry.wrong("basis", "at least one source", "basis: [措施 六、2.]")
    return basis
