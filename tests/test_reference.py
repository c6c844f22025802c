"""Our counts against values that independent scorers computed; see tests/reference/README.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from armsbench import Annotation, Mention, Relation
from armsbench.benchmark import coreference, mentions
from armsbench.benchmark.bootstrap import percentile_interval, resampled_sums
from armsbench.benchmark.count_mentions import count_mentions
from armsbench.benchmark.measures import Floats, rates
from armsbench.benchmark.significance import randomisation_p

from .conftest import count_one, make_document

FOLDER = Path(__file__).parent / "reference"
DOCUMENT = make_document("x")


def cases(name: str) -> list[Any]:
    return [pytest.param(case, id=case["id"]) for case in json.loads((FOLDER / f"{name}.json").read_text())]


def assert_share(found: float, expected: float | None) -> None:
    if expected is None:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(expected, abs=1e-9)


def assert_rates(total: Floats, expected: dict[str, Any]) -> None:
    for found, name in zip(rates(total), ("precision", "recall", "f1"), strict=True):
        assert_share(float(found), expected[name])


@pytest.mark.parametrize("case", cases("coref"))
def test_coreference(case: dict[str, Any]) -> None:
    total = np.zeros((len(coreference.MEASURES), 4))
    for document in case["documents"]:
        total += count_one("coreference", DOCUMENT, _clusters(document["gold"]), _clusters(document["predicted"]))
    for measure in ("muc", "b_cubed", "ceaf_phi4", "ceaf_phi3", "lea", "mention"):
        assert_rates(total[coreference.MEASURES.index(measure)], case["expected"][measure])
    for found, name in zip(coreference.blanc(total), ("precision", "recall", "f1"), strict=True):
        assert_share(float(found), case["expected"]["blanc"][name])
    assert_share(float(coreference.conll(total)[2]), case["expected"]["conll_f1"])


@pytest.mark.parametrize("case", cases("coref"))
def test_without_singletons_is_scoring_files_without_them(case: dict[str, Any]) -> None:
    """The prefix changes what is scored, not how: both sides without singletons give the same numbers twice."""
    total = np.zeros((len(coreference.MEASURES), 4))
    for document in case["documents"]:
        sides = [[cluster for cluster in document[side] if len(cluster) > 1] for side in ("gold", "predicted")]
        total += count_one("coreference", DOCUMENT, _clusters(sides[0]), _clusters(sides[1]))
    own = len(coreference.OWN)
    assert (total[:own] == total[own:]).all()


@pytest.mark.parametrize("case", cases("relations"))
def test_relations(case: dict[str, Any]) -> None:
    total = np.zeros(4)
    for document in case["documents"]:
        total += count_one("relations", DOCUMENT, _gold(document["gold"]), _predicted(document))[0]
    expected = case["expected"]["entity_pairs"]
    assert (total[0], total[1] - total[0], total[3] - total[2]) == (expected["tp"], expected["fp"], expected["fn"])
    assert_rates(total, expected)


def _clusters(clusters: list[list[list[int]]]) -> Annotation:
    spans = [(start, end, number) for number, cluster in enumerate(clusters) for start, end in cluster]
    made = (
        Mention(id=f"m{i}", start=start, end=end, label="GPE", entity=str(number))
        for i, (start, end, number) in enumerate(spans)
    )
    return Annotation(doc_id="d", mentions=tuple(made), entities=())


def _gold(gold: dict[str, Any]) -> Annotation:
    mentions = [
        Mention(id=f"{e}-{i}", start=start, end=end, label=label, entity=str(e))
        for e, entity in enumerate(gold["entities"])
        for i, (start, end, label) in enumerate(entity)
    ]
    links = [Relation(label=label, head=f"{h}-0", tail=f"{t}-0") for h, label, t in gold["relations"]]
    return Annotation(doc_id="d", mentions=tuple(mentions), relations=tuple(links))


def _predicted(document: dict[str, Any]) -> Annotation:
    mentions: dict[str, Mention] = {}
    links = []
    for head, label, tail in document["predicted_mention_relations"]:
        for start, end, kind in (head, tail):
            mentions[f"{start}-{end}-{kind}"] = Mention(id=f"{start}-{end}-{kind}", start=start, end=end, label=kind)
        links.append(Relation(label=label, head="{}-{}-{}".format(*head), tail="{}-{}-{}".format(*tail)))
    return Annotation(doc_id="d", mentions=tuple(mentions.values()), relations=tuple(links))


@pytest.mark.parametrize("case", cases("mentions"))
def test_mentions(case: dict[str, Any]) -> None:
    """Strict, boundaries and the mean over labels that either side holds; the labels of the cases are not ours."""
    gold, predicted = ([_mentions(d[side]) for d in case["documents"]] for side in ("gold", "predicted"))
    labels = sorted({m.label for annotation in (*gold, *predicted) for m in annotation.mentions or ()})
    total = count_mentions(gold, predicted, labels).sum(axis=0)
    for name in ("strict", "boundaries"):
        assert_rates(total[mentions.measures(labels).index(name)], case["expected"][name])
    if labels:
        assert_share(float(mentions.derived(labels)["macro:strict"](total)[2]), case["expected"]["macro_f1"])


def _mentions(keys: list[tuple[int, int, str]]) -> Annotation:
    made = (Mention(id=f"m{i}", start=s, end=e, label=label) for i, (s, e, label) in enumerate(keys))
    return Annotation(doc_id="d", mentions=tuple(made))


def significance_counts(case: dict[str, Any], side: str) -> Floats:
    tp, fp, fn = np.array(case[side], dtype=float).T
    return np.stack([tp, tp + fp, tp, tp + fn], axis=-1)[:, None, :]


@pytest.mark.parametrize("case", cases("significance"))
def test_approximate_randomisation(case: dict[str, Any]) -> None:
    one, other = significance_counts(case, "a"), significance_counts(case, "b")

    def f1(sums: Floats) -> Floats:
        return np.nan_to_num(rates(sums)[2][..., 0])

    assert f1(one.sum(axis=0)) - f1(other.sum(axis=0)) == pytest.approx(case["expected"]["difference"], abs=1e-9)
    first, last = case["expected"]["approximate_randomisation"]["acceptance"]["10000"]
    assert first <= randomisation_p(one, other, f1, 10_000, seed=12345) <= last
    assert randomisation_p(other, one, f1, 10_000, seed=12345) == randomisation_p(one, other, f1, 10_000, seed=12345)


@pytest.mark.parametrize("case", cases("significance"))
def test_bootstrap_interval(case: dict[str, Any]) -> None:
    """Both ends of the interval lie in the band where a right implementation falls, save once in 100,000."""
    for side in ("a", "b"):
        counts = significance_counts(case, side)
        band = case["expected"]["bootstrap"][side]["acceptance"]["10000"]
        low, high = percentile_interval(rates(resampled_sums(counts, 10_000, seed=12345))[2])
        assert band["low"][0] <= low.item() <= band["low"][1]
        assert band["high"][0] <= high.item() <= band["high"][1]
