"""Staff: who signs in at the desk and the studio, and what they may see."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    ADVISOR = "advisor"          # 社区救助顾问
    EDITOR = "editor"            # 业务科室
    SUPERVISOR = "supervisor"    # 督导
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Staff:
    """subdistricts: where an advisor sees cases; empty means all of the district."""

    name: str
    roles: frozenset[Role]
    subdistricts: frozenset[str] = frozenset()

    def may(self, *roles: Role) -> bool:
        return Role.ADMIN in self.roles or bool(self.roles & set(roles))

    def sees(self, subdistrict: str) -> bool:
        """A case without a known subdistrict is seen by every advisor, so that none waits unseen."""
        return not self.subdistricts or not subdistrict or subdistrict in self.subdistricts
