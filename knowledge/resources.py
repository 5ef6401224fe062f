"""Resources: the four lists (四张清单) of the district, the kinds of service they sort by, and the projects that are known.

Source: 关于推进低收入人口动态监测完善分层分类社会救助体系的若干措施 三、3., 五、4. and 六、2.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from knowledge.parameters import Reference


class ServiceKind(StrEnum):
    """Kinds of 服务类救助, as 措施 五、4. sorts them."""

    DAILY_LIFE = "daily_life"        # 生活类
    GROWTH = "growth"                # 提升类
    SUPPORT = "support"              # 扶持类
    COMBINED = "combined"            # 综合性


class ListKind(StrEnum):
    ADVISORS = "advisors"            # 社区救助顾问人员清单
    NEEDS = "needs"                  # 低收入人口需求清单
    RESOURCES = "resources"          # 社会救助资源清单
    SERVICES = "services"            # 社区救助顾问服务清单


@dataclass(frozen=True, slots=True)
class Column:
    """One column that staff fill in. hint: what to write there, in words of the office."""

    name: str
    label: str
    hint: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class ListForm:
    """One of the four lists, as an empty form. kept_by: who fills it in."""

    kind: ListKind
    name: str
    purpose: str
    kept_by: str
    columns: tuple[Column, ...]
    basis: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class ServiceCategory:
    kind: ServiceKind
    name: str
    for_whom: str
    services: tuple[str, ...]
    basis: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class Resource:
    """A project or fund that may help a household. provider, contact, offers: None where nobody has told us (未知); staff fill
    them in. offers is what people get; for_whom: whom it is meant for. checked_on: last day somebody looked at the entry."""

    id: str
    name: str
    kind: ServiceKind | None
    offers: str | None
    for_whom: str | None
    provider: str | None
    contact: str | None
    subdistricts: tuple[str, ...]
    checked_on: date
    basis: tuple[Reference, ...]
    note: str = ""

    @property
    def unknown(self) -> tuple[str, ...]:
        """The fields that staff still have to find out, by name."""
        fields = {"kind": self.kind, "offers": self.offers, "for_whom": self.for_whom, "provider": self.provider,
                  "contact": self.contact}
        return tuple(name for name, value in fields.items() if value is None)


@dataclass(frozen=True, slots=True)
class Resources:
    lists: tuple[ListForm, ...] = ()
    categories: tuple[ServiceCategory, ...] = ()
    projects: tuple[Resource, ...] = ()

    def of_kind(self, kind: ServiceKind) -> tuple[Resource, ...]:
        return tuple(project for project in self.projects if project.kind is kind)
