"""The page of ``armsbench explain``: what became of each mention, and the page itself in a real browser."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from armsbench import Annotation, Mention, Release
from armsbench.annotations.annotation import Deal, Filler, encode_annotation
from armsbench.annotations.deals import deal_records
from armsbench.benchmark.explain import KINDS, _document, _links, _mention_kinds, explain_page
from armsbench.benchmark.mentions import Key, key
from armsbench.benchmark.relations import mention_relations
from armsbench.cli import main
from click.testing import CliRunner
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from .browser import chromium
from .marked import DEAL, marked

LONG = "Bundessicherheitsratsgenehmigungsverfahren" * 9
ATTACK = "</script><img src=x onerror='window.hacked=1'><!-- \u2028 {{data}}"


def kinds(gold: set[Key], predicted: set[Key]) -> tuple[dict[Key, str], dict[Key, str], Counter[tuple[str, str]]]:
    confusion: Counter[tuple[str, str]] = Counter()
    return (*_mention_kinds(gold, predicted, confusion), confusion)


CASES = {
    "right": ([(0, 4, "GPE")], [(0, 4, "GPE")], ["right"], ["right"]),
    "missed": ([(0, 4, "GPE")], [], ["missed"], []),
    "spurious": ([], [(0, 4, "GPE")], [], ["spurious"]),
    "label": ([(0, 4, "GPE")], [(0, 4, "DEAL")], ["wrong label"], ["wrong label"]),
    "boundary": ([(0, 9, "GPE")], [(2, 9, "GPE")], ["wrong boundary"], ["wrong boundary"]),
    "one-gold-one-partner": (
        [(0, 9, "GPE")],
        [(0, 4, "GPE"), (5, 9, "GPE")],
        ["wrong boundary"],
        ["spurious", "wrong boundary"],
    ),
    "exact-partner-is-not-taken-away": (
        [(0, 4, "GPE"), (0, 9, "GPE")],
        [(0, 4, "GPE")],
        ["missed", "right"],
        ["right"],
    ),
    "two-labels-on-one-span": (
        [(0, 5, "GPE"), (0, 5, "WEAPON")],
        [(0, 5, "DEAL"), (0, 5, "LAW")],
        ["wrong label", "wrong label"],
        ["wrong label", "wrong label"],
    ),
    "same-label-first": (
        [(0, 9, "GPE")],
        [(0, 8, "DEAL"), (5, 9, "GPE")],
        ["wrong boundary"],
        ["spurious", "wrong boundary"],
    ),
}


@pytest.mark.parametrize(("gold", "predicted", "of_gold", "of_predicted"), CASES.values(), ids=CASES)
def test_what_became_of_each_mention(
    gold: list[Key], predicted: list[Key], of_gold: list[str], of_predicted: list[str]
) -> None:
    found = kinds(set(gold), set(predicted))
    assert sorted(found[0].values()) == of_gold
    assert sorted(found[1].values()) == of_predicted
    assert found[2].total() == len(found[0]) + Counter(found[1].values())["spurious"]


@pytest.mark.parametrize(
    ("changed", "kind"),
    [("recipient m2 m1", "right"), ("supplier m2 m1", "wrong label"), ("recipient m1 m2", "wrong direction")],
)
def test_what_became_of_each_relation(changed: str, kind: str) -> None:
    _, gold = marked(DEAL)
    predicted = gold
    label, head, tail = changed.split()
    links = [r for r in gold.relations or () if r.label != "recipient"]
    new = msgspec.structs.replace((gold.relations or ())[0], label=label, head=head, tail=tail)
    predicted = msgspec.structs.replace(gold, relations=(*links, new))
    sides = [sorted(map(key, a.mentions or ())) for a in (gold, predicted)]
    found = _links(sides, [mention_relations(gold), mention_relations(predicted)], gold)
    assert [k for name, _, _, k in found[1] if name == label and k != "right"] == ([kind] if kind != "right" else [])
    assert Counter(k for _, _, _, k in found[0])[kind] >= 1


def test_a_further_label_of_a_pair_that_is_right_is_spurious() -> None:
    _, gold = marked(DEAL)
    extra = msgspec.structs.replace((gold.relations or ())[0], label="supplier", head="m2", tail="m1")
    predicted = msgspec.structs.replace(gold, relations=(*(gold.relations or ()), extra))
    sides = [sorted(map(key, a.mentions or ())) for a in (gold, predicted)]
    found = _links(sides, [mention_relations(gold), mention_relations(predicted)], gold)
    assert [kind for label, _, _, kind in found[1] if label == "supplier"] == ["spurious"]
    assert {kind for _, _, _, kind in found[0]} == {"right"}


def test_deals_of_the_page_are_judged_as_the_task_judges_them(release: Release) -> None:
    """Every count is wrong by seven: the items stay right, the counts are not; layers not given are not missed."""
    document, gold = marked(DEAL)
    (deal,) = deal_records(document, gold)
    items = tuple(
        msgspec.structs.replace(i, quantity=tuple(msgspec.structs.replace(c, number=c.number + 7) for c in i.quantity))
        for i in deal.item
    )
    predicted = Annotation(doc_id=document.id, deals=(msgspec.structs.replace(deal, item=items),))
    shown = _document(document, gold, predicted, Counter())
    slots = {slot: [[kind for _, kind in side] for side in sides] for slot, *sides in shown["deals"][0]["slots"]}
    assert slots["item"] == [["right"], ["right"]]
    assert slots["quantity"] == [["missed"], ["spurious"]]
    assert {m[3] for m in shown["mentions"][0]} == {link[3] for link in shown["links"][0]} == {"not given"}
    assert shown["scores"].keys() == {"deals"}


@pytest.fixture(scope="module")
def page(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Predictions that are wrong in many ways, one document hostile."""
    predictions: dict[str, Annotation] = {}
    for i, document in enumerate(release.select("articles", "test")):
        gold = release.gold[document.id]
        mentions = tuple(m for n, m in enumerate(gold.mentions or ()) if n % 4)
        kept = {m.id for m in mentions}
        relations = tuple(r for r in gold.relations or () if {r.head, r.tail} <= kept)
        nested = Mention(id="nested", start=0, end=len(document.text) // 2, label="DEAL")
        predictions[document.id] = msgspec.structs.replace(gold, mentions=(*mentions, nested), relations=relations)
        if i == 0:
            hostile = Deal(id="d1", name=ATTACK, recipient=(Filler(name=ATTACK),))
            predictions[document.id] = Annotation(doc_id=document.id, deals=(hostile,))
    folder = tmp_path_factory.mktemp("explain")
    file = folder / "predictions.jsonl"
    file.write_bytes(b"".join(encode_annotation(p) + b"\n" for p in predictions.values()))
    # A layer is given for every document of a collection or for none; the page shows what there is.
    path = folder / "page.html"
    path.write_text(explain_page(release, predictions, "test", name=ATTACK), encoding="utf-8")
    return path


def test_the_page_asks_for_nothing_outside_itself(page: Path) -> None:
    content = page.read_text(encoding="utf-8")
    assert content.count("</script>") == 2
    outside = content.partition('id="data">')[0] + content.rpartition("</script>\n<script>")[2]
    assert set(re.findall(r"https?://[\w./]+", outside)) <= {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in content
    assert "innerHTML" not in outside


def test_the_command_writes_the_page_beside_the_predictions(release: Release, tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    documents = release.select("articles", "test")
    file.write_bytes(b"".join(encode_annotation(release.gold[d.id]) + b"\n" for d in documents))
    done = CliRunner().invoke(main, ["explain", str(file)])
    assert done.exit_code == 0, done.output
    data = json.loads((tmp_path / "mine.html").read_text().partition('id="data">')[2].partition("</script>")[0])
    assert {d["id"] for d in data["documents"]} == {d.id for d in documents}
    assert {m[3] for d in data["documents"] for side in d["mentions"] for m in side} == {"right"}
    broken = tmp_path / "broken.jsonl"
    broken.write_text("{")
    assert CliRunner().invoke(main, ["explain", str(broken)]).exit_code == 1
    assert not (tmp_path / "broken.html").exists()


@pytest.fixture(scope="module")
def chrome(page: Path) -> Iterator[Chrome]:
    with chromium() as driver:
        driver.get(page.as_uri())
        yield driver


def count(chrome: Chrome, selector: str) -> int:
    return len(chrome.find_elements(By.CSS_SELECTOR, selector))


def test_hostile_names_stay_text(chrome: Chrome) -> None:
    assert chrome.execute_script("return document.documentElement.dataset.ready") == "true"
    for button in chrome.find_elements(By.CSS_SELECTOR, "#list button"):
        button.click()
        if ATTACK.split(" ")[0] in chrome.find_element(By.ID, "deals").text:
            break
    else:
        pytest.fail("the hostile record is not shown")
    assert chrome.execute_script("return window.hacked === undefined")
    assert count(chrome, "img") == 0
    assert chrome.find_element(By.ID, "name").text.startswith("</script><img")
    log = chrome.get_log("browser")  # type: ignore[no-untyped-call]
    assert [entry for entry in log if entry["level"] == "SEVERE"] == []


def test_worst_documents_come_first_and_keys_walk_them(chrome: Chrome) -> None:
    buttons = [b.text.split()[0] for b in chrome.find_elements(By.CSS_SELECTOR, "#list button")]
    assert buttons == sorted(buttons)
    body = chrome.find_element(By.TAG_NAME, "body")
    chrome.find_elements(By.CSS_SELECTOR, "#list button")[0].click()
    first = chrome.find_element(By.ID, "title").text
    body.send_keys("j")
    second = chrome.find_element(By.ID, "title").text
    body.send_keys("k")
    assert first != second
    assert chrome.find_element(By.ID, "title").text == first


def test_filters_hide_kinds_and_labels(chrome: Chrome) -> None:
    chrome.find_elements(By.CSS_SELECTOR, "#list button")[-1].click()
    assert count(chrome, "#gold mark.missed") > 0
    box = chrome.find_element(By.CSS_SELECTOR, "#kinds input[value=missed]")
    box.click()
    assert count(chrome, "#gold mark.missed") == 0
    assert count(chrome, "#gold mark.right") > 0
    box.click()
    label = Select(chrome.find_element(By.ID, "label"))
    label.select_by_value("GPE")
    shown = {str(m.get_attribute("title")).split(":")[0] for m in chrome.find_elements(By.CSS_SELECTOR, "#gold .tag")}
    assert shown == {"GPE"}
    label.select_by_value("")
    find = chrome.find_element(By.ID, "find")
    find.send_keys("no such document")
    assert count(chrome, "#list button") == 0
    find.send_keys(Keys.CONTROL, "a", Keys.BACKSPACE)
    assert count(chrome, "#list button") > 1
    assert count(chrome, "#kinds input") == len(KINDS)


def test_a_chosen_mention_shows_all_its_arcs_by_mouse_and_by_keyboard(chrome: Chrome, page: Path) -> None:
    data: Any = json.loads(page.read_text().partition('id="data">')[2].partition("</script>")[0])
    place = next(i for i, d in enumerate(data["documents"]) if len(d["links"][0]) > 9 and len(d["links"][1]) > 9)
    chrome.find_elements(By.CSS_SELECTOR, "#list button")[place].click()
    document = data["documents"][place]
    degree = Counter(end for _, head, tail, _ in document["links"][0] for end in (head, tail))
    mention, arcs = degree.most_common(1)[0]
    mark = chrome.find_element(By.CSS_SELECTOR, f'#gold button[data-mention="{mention}"]')
    before = count(chrome, "#gold svg path")
    mark.send_keys(Keys.ENTER)
    assert count(chrome, "#gold svg path") == arcs
    mark.send_keys(Keys.ENTER)
    assert count(chrome, "#gold svg path") == before
    chrome.find_element(By.TAG_NAME, "body").send_keys("a")
    assert count(chrome, "#gold svg path") == 0
    chrome.find_element(By.TAG_NAME, "body").send_keys("a")


def data_of(page: Path) -> Any:
    return json.loads(page.read_text().partition('id="data">')[2].partition("</script>")[0])


def with_data(page: Path, path: Path, data: Any) -> Path:
    head, _, rest = page.read_text().partition('id="data">')
    tail = rest.partition("</script>")[2]
    path.write_text(head + 'id="data">' + json.dumps(data).replace("<", "\\u003c") + "</script>" + tail)
    return path


SHARED = {
    "start": ([(0, 10, "GPE", "right")], [(0, 4, "LAW", "spurious"), (0, 10, "GPE", "right")]),
    "span": ([(0, 10, "GPE", "right")], [(0, 10, "DEAL", "spurious"), (0, 10, "GPE", "right")]),
    "span-and-label-later": ([(0, 10, "GPE", "right")], [(0, 10, "GPE", "right"), (0, 10, "LAW", "wrong label")]),
    "end": ([(0, 10, "GPE", "right")], [(0, 10, "GPE", "right"), (6, 10, "LAW", "spurious")]),
    "outside": ([(2, 8, "GPE", "right")], [(0, 10, "DEAL", "spurious"), (2, 8, "GPE", "right")]),
    "crossing": ([(2, 8, "GPE", "right")], [(2, 8, "GPE", "right"), (5, 12, "LAW", "spurious"), (5, 9, "X", "missed")]),
}


def test_every_mention_can_be_reached_and_no_error_looks_right(page: Path, tmp_path: Path) -> None:
    """Mentions that share a start, an end or their whole span, and mentions that cross."""
    data = data_of(page)
    one = {**data["documents"][-1], "links": [[], []], "deals": [], "text": "\U0001d49cbcd <b>efghij</b>"}
    data["documents"] = [{**one, "id": name, "mentions": sides} for name, sides in SHARED.items()]
    worst = ["right", "wrong label", "spurious", "missed"]
    with chromium() as driver:
        driver.get(with_data(page, tmp_path / "shared.html", data).as_uri())
        for place, (name, (_, mentions)) in enumerate(SHARED.items()):
            driver.find_elements(By.CSS_SELECTOR, "#list button")[place].click()
            drawn = driver.execute_script(
                "return [...document.querySelectorAll('#predicted mark')]"
                ".map((m) => [m.textContent, m.className, m.title])"
            )
            covered = [
                max((m[3] for m in mentions if m[0] <= i < m[1]), key=worst.index, default="")
                for i in range(min(m[0] for m in mentions), max(m[1] for m in mentions))
            ]
            assert [kind.replace("-", " ") for words, kind, _ in drawn for _ in words] == covered, name
            for _, _, label, kind in mentions:
                assert any(f"{label}: {kind}" in title for _, _, title in drawn), name
            names = set()
            for tag in driver.find_elements(By.CSS_SELECTOR, "#predicted .text button"):
                tag.send_keys(Keys.ENTER)
                assert driver.switch_to.active_element == tag
                assert tag.get_attribute("aria-pressed") == "true"
                chosen = driver.execute_script(
                    "return [...document.querySelectorAll('#predicted mark.chosen')].map((m) => m.textContent).join('')"
                )
                said = tag.get_attribute("aria-label") or ""
                assert said.startswith(f"{chosen}, "), name
                names.add(said)
            assert names == {f"{one['text'][m[0] : m[1]]}, {m[2]}, {m[3]}" for m in mentions}, name


def test_each_mention_of_a_document_has_its_own_button(page: Path, chrome: Chrome) -> None:
    for place, document in enumerate(data_of(page)["documents"]):
        chrome.find_elements(By.CSS_SELECTOR, "#list button")[place].click()
        for side, mentions in zip(("gold", "predicted"), document["mentions"], strict=True):
            script = f"return [...document.querySelectorAll('#{side} .text button')].map((b) => +b.dataset.mention)"
            assert sorted(chrome.execute_script(script)) == list(range(len(mentions)))


def test_filters_hold_for_deals_and_for_the_list(page: Path, tmp_path: Path) -> None:
    data = data_of(page)
    one = {**data["documents"][-1], "links": [[], []], "mentions": [[], []]}
    fillers = ["supplier", [["France", "right"]], [["France", "right"], ["Spain", "spurious"]]]
    deal = {"gold": "a", "predicted": "b", "kind": "right", "slots": [fillers]}
    extra = {"gold": None, "predicted": "c", "kind": "spurious", "slots": [["item", [], [["tank", "spurious"]]]]}
    bare: dict[str, Any] = {"gold": None, "predicted": "d", "kind": "spurious", "slots": []}
    data["documents"] = [
        {**one, "id": "both", "deals": [deal, extra, bare]},
        {**one, "id": "spurious", "deals": [extra]},
        {**one, "id": "marked", "deals": [], "mentions": [[[0, 4, "GPE", "missed"]], []]},
        {**one, "id": "empty", "deals": []},
    ]

    def listed(driver: Chrome) -> list[str]:
        return [str(b.get_attribute("data-id")) for b in driver.find_elements(By.CSS_SELECTOR, "#list button")]

    with chromium() as driver:
        driver.get(with_data(page, tmp_path / "filters.html", data).as_uri())
        assert listed(driver) == ["both", "spurious", "marked", "empty"]
        assert (count(driver, "#deals table"), count(driver, "#deals td span.spurious")) == (3, 2)
        box = driver.find_element(By.CSS_SELECTOR, "#kinds input[value=spurious]")
        box.click()
        assert listed(driver) == ["both", "marked"]
        assert (count(driver, "#deals table"), count(driver, "#deals td span.spurious")) == (1, 0)
        assert [e.text for e in driver.find_elements(By.CSS_SELECTOR, "#deals td span")] == ["France", "France"]
        held = driver.find_element(By.CSS_SELECTOR, "#list .held").text
        assert held == "0 mentions, 0 relations, 2 fillers"
        box.click()
        driver.find_element(By.CSS_SELECTOR, "#kinds input[value=missed]").click()
        assert listed(driver) == ["both", "spurious"]
        assert count(driver, "#deals td span") == 4


@pytest.mark.parametrize("width", [320, 360, 390])
def test_it_fits_a_phone(page: Path, tmp_path: Path, width: int) -> None:
    """Every document, one of them with a name that has nowhere to break; a browser window is never that narrow."""
    data = data_of(page)
    row = ["supplier", [[LONG, "missed"]], [[LONG, "spurious"], ["Chad", "spurious"]]]
    long = {"gold": LONG, "predicted": None, "kind": "missed", "slots": [row]}
    one = {**data["documents"][-1], "id": LONG, "title": LONG, "deals": [long]}
    data["documents"].append(one)
    data["name"] = LONG
    with chromium() as driver:
        metrics = {"width": width, "height": 800, "deviceScaleFactor": 2, "mobile": True}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        driver.get(with_data(page, tmp_path / "phone.html", data).as_uri())
        buttons = driver.find_elements(By.CSS_SELECTOR, "#list button")
        assert len(buttons) == len(data["documents"])
        for button in buttons:
            driver.execute_script("arguments[0].click()", button)
            # A phone widens its window to what a page needs.
            inner, scroll = driver.execute_script("return [innerWidth, document.documentElement.scrollWidth]")
            assert (inner, scroll) == (width, width), button.get_attribute("data-id")


def test_three_hundred_documents_open_within_two_seconds(release: Release, tmp_path: Path) -> None:
    """A release of 300 documents, as the issue asks; the best of three loads counts, for other work only slows it."""
    documents = release.select("articles")
    copies = [msgspec.structs.replace(d, id=f"{d.id}-{i}") for i in range(300 // len(documents) + 1) for d in documents]
    gold = {d.id: release.gold[d.id.rpartition("-")[0]] for d in copies[:300]}
    content = explain_page(release, {d.id: release.gold[d.id] for d in documents}, "train", name="x")
    head, _, rest = content.partition('id="data">')
    data, _, tail = rest.partition("</script>")
    decoded = json.loads(data)
    its = decoded["documents"]
    decoded["documents"] = [{**its[i % len(its)], "id": f"copy-{i}"} for i in range(len(gold))]
    path = tmp_path / "large.html"
    path.write_text(head + 'id="data">' + json.dumps(decoded).replace("<", "\\u003c") + "</script>" + tail)
    with chromium() as driver:
        times = []
        for _ in range(3):
            driver.get(path.as_uri())
            WebDriverWait(driver, 60).until(lambda page: count(page, "#list button") == 300)
            times.append(driver.execute_script("return performance.now()"))
        assert min(times) < 2_000
