"""Fitting: texts that answer get the larger sums; what decides nothing keeps its weight; the same data, the same model."""

from __future__ import annotations

import numpy as np
import pytest

from eval.ranking_training.examples import NOT_JUDGED, Example
from eval.ranking_training.fitting import NothingToLearnError, fit
from eval.ranking_training.training import SHARES, as_data, compared
from retrieval.ranking import RankingModel
from retrieval.ranking_features import FEATURES

COVERAGE, DENSE, FUSED = (FEATURES.index(name) for name in ("coverage", "dense", "fused"))
TEXTS = 12


def example(number: int, *, source: str = "policy_qa all", telling: int = COVERAGE, answers: tuple[int, ...] = (3,)) -> Example:
    """A question whose answers have more of the telling feature; everything else is noise."""
    random = np.random.default_rng(number)
    features = random.random((TEXTS, len(FEATURES))).astype(np.float32)
    grades = np.zeros(TEXTS, np.int64)
    for row in answers:
        grades[row] = 2
        features[row, telling] += 2
    names = tuple(f"t{row}" for row in range(TEXTS))
    judged = {names[row]: 2 for row in answers}
    return Example(source, f"{source} {number}", features, grades, np.ones(TEXTS, np.float32), names, judged)


ONE = {"policy_qa all": 1.0}


def weights(model: RankingModel) -> dict[str, float]:
    return dict(zip(FEATURES, model.weights.tolist(), strict=True))


def test_what_tells_answers_apart_gets_the_largest_weight() -> None:
    fitted = fit([example(n) for n in range(40)], ONE, 0.05)
    assert int(np.argmax(fitted.weights)) == COVERAGE


def test_the_larger_the_ridge_the_nearer_the_weights_stay_to_where_they_start() -> None:
    examples = [example(n) for n in range(20)]
    loose, tight = (weights(fit(examples, ONE, ridge)) for ridge in (0.05, 1000.0))
    assert loose["coverage"] > 1 > abs(tight["coverage"])
    assert tight["fused"] == max(tight.values())


def test_fitting_repeats() -> None:
    examples = [example(n) for n in range(10)]
    assert fit(examples, ONE, 0.5).weights.tolist() == fit(examples, ONE, 0.5).weights.tolist()


def test_sources_without_a_share_are_not_learned_from() -> None:
    own = [example(n) for n in range(10)]
    others = [example(n, source="elsewhere", telling=DENSE) for n in range(10)]
    assert fit([*own, *others], ONE, 0.5).weights.tolist() == fit(own, ONE, 0.5).weights.tolist()


def test_a_share_counts_a_source_whatever_its_number_of_examples() -> None:
    mixed = [*(example(n) for n in range(5)), *(example(n, source="asked all", telling=DENSE) for n in range(60))]
    fitted = weights(fit(mixed, {"policy_qa all": 4.0, "asked all": 1.0}, 0.05))
    assert fitted["coverage"] > fitted["dense"] > 0


def test_texts_that_no_judgement_could_name_are_left_out_of_the_choice() -> None:
    odd = example(1)
    odd.features[7, COVERAGE] = 50
    odd.grades[7] = NOT_JUDGED
    assert weights(fit([odd, *(example(n) for n in range(2, 20))], ONE, 0.05))["coverage"] > 1


@pytest.mark.parametrize("answers", [(), tuple(range(TEXTS))])
def test_questions_with_nothing_to_tell_apart_are_refused(answers: tuple[int, ...]) -> None:
    with pytest.raises(NothingToLearnError, match="answers and one that does not"):
        fit([example(1, answers=answers)], ONE, 0.5)


def test_figures_come_from_models_that_have_not_seen_the_question() -> None:
    examples = [example(n, source=source) for source in SHARES for n in range(12)]
    (comparison, *_) = compared(examples, folds=4)
    after = {figure.name: figure.value for figure in comparison.ranked}
    before = {figure.name: figure.value for figure in comparison.fused}
    assert after["hit@1"] > before["hit@1"]


def test_questions_with_the_same_answers_never_stand_on_both_sides_of_a_fold() -> None:
    """Each question alone can only be learned by heart; all share one group, so no model may know any of them."""
    examples = [example(n, source=source) for source in SHARES for n in range(4)]
    alike = [Example(e.source, "one", e.features, e.grades, e.weights, e.names, e.judged) for e in examples]
    with pytest.raises(NothingToLearnError):
        compared(alike, folds=1)


def test_the_file_names_every_weight_and_how_it_came_about() -> None:
    examples = [example(n, source=source) for source in SHARES for n in range(6)]
    data = as_data(fit(examples, SHARES, 0.5), examples, compared(examples, folds=3), "letters")
    assert RankingModel.of(data).weights.shape == (len(FEATURES),)
    assert data["trained"]["examples"] == dict.fromkeys(SHARES, 6)
    assert set(data["trained"]["figures"]) == set(SHARES)
