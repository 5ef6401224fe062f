"""The income and assets rule of 最低生活保障 written for openfisca-core, to be run by a Python that has it.

Run as a program: python openfisca_rule.py households.npz '{"standard": 169000, "assets": 3000000}'. Prints one JSON object with
the processor seconds it took. It imports nothing of ours, because openfisca-core may want another numpy than the product.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np

PERIOD = "2026-11"


def main(file: str, limits: dict[str, float]) -> dict[str, Any]:
    """Processor seconds for one calculation over the households of the file, and how many come out likely."""
    from openfisca_core import __name__ as name
    from openfisca_core.simulations import SimulationBuilder

    columns = np.load(file)
    count = len(columns["size"])
    simulation = SimulationBuilder().build_default_simulation(system(limits), count=count)
    started = time.process_time()
    for variable in ("size", "income", "assets", "hukou"):
        simulation.set_input(variable, PERIOD, columns[variable])
    likely = simulation.calculate("dibao", PERIOD)
    taken = time.process_time() - started
    np.save(file.replace(".npz", ".likely.npy"), likely)
    return {"engine": name, "households": count, "cpu_seconds": round(taken, 4), "likely": int(likely.sum())}


def system(limits: dict[str, float]) -> Any:
    """A tax-benefit system with this one rule."""
    from openfisca_core.entities import build_entity
    from openfisca_core.periods import DateUnit
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem
    from openfisca_core.variables import Variable

    person = build_entity(key="person", plural="persons", label="person", is_person=True)
    roles = [{"key": "member", "plural": "members", "label": "member"}]
    household = build_entity(key="household", plural="households", label="household", roles=roles)
    shared = {"entity": household, "definition_period": DateUnit.MONTH, "label": "fact"}

    def formula(home: Any, period: Any) -> Any:
        heads = np.maximum(home("size", period), 1)
        poor = home("income", period) / heads < limits["standard"]
        return home("hukou", period) & poor & (home("assets", period) / heads <= limits["assets"])

    built = TaxBenefitSystem([person, household])
    for name, kind in (("size", float), ("income", float), ("assets", float), ("hukou", bool)):
        built.add_variable(type(name, (Variable,), {**shared, "value_type": kind}))
    built.add_variable(type("dibao", (Variable,), {**shared, "value_type": bool, "formula": formula}))
    return built


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], json.loads(sys.argv[2]))))
