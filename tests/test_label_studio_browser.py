"""A person at work in Label Studio, in a real browser: what is pushed is seen, and what is marked comes back.

``ARMSBENCH_UPDATE=1 pytest tests/test_label_studio_browser.py`` takes the screenshot of the guide anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from armsbench import Annotation, Document, Mention, Relation, Release
from armsbench.annotations.label_studio.diff import diff_annotations
from armsbench.annotations.label_studio.reading import read_result
from armsbench.annotations.label_studio.server import Server
from armsbench.annotations.label_studio.sync import export, find_project, push
from armsbench.annotations.label_studio.tasks import task_from_annotation
from armsbench.annotations.layers import read_annotation
from armsbench.corpus.files import PACKAGE
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from .browser import chromium
from .conftest import make_document
from .label_studio_help import new_title, project_id, run, tasks_of
from .label_studio_server import ANNA, PASSWORD, Studio

pytestmark = pytest.mark.filterwarnings("ignore:The `parse_obj` method is deprecated")

SCREENSHOT = PACKAGE / "annotations" / "label_studio" / "screenshot.png"
MARK, ARROW_LABEL, INPUT = ".htx-highlight", "svg.relations-overlay text", "input[name={}]"

# Where a stretch of text that is marked nowhere stands on the screen.
FIND = """
const [words] = arguments;
const text = document.querySelector('[class*=richtext__container]');
const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
    const node = walker.currentNode, at = node.data.indexOf(words);
    if (at < 0) continue;
    node.parentElement.scrollIntoView({block: 'center'});
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + words.length);
    const box = range.getBoundingClientRect();
    return [box.left, box.right, (box.top + box.bottom) / 2];
}
return null;
"""


class Person:
    """Someone who works with mouse and keyboard."""

    def __init__(self, chrome: Chrome, studio: Studio) -> None:
        self.chrome, self.studio = chrome, studio
        chrome.get(f"{studio.url}/user/login/")
        self.see("input[name=email]").send_keys(ANNA)
        self.see("input[name=password]").send_keys(PASSWORD)
        self.see("button[type=submit]").click()
        self.wait(lambda: "/user/login" not in chrome.current_url)

    def wait(self, condition: Callable[[], Any]) -> Any:
        # The page may replace an element between finding it and looking at it.
        passing = (NoSuchElementException, StaleElementReferenceException)
        return WebDriverWait(self.chrome, 60, ignored_exceptions=passing).until(lambda _: condition())

    def all(self, selector: str) -> list[WebElement]:
        return self.chrome.find_elements(By.CSS_SELECTOR, selector)

    def see(self, selector: str, text: str | None = None) -> WebElement:
        """The first such element that shows (with exactly that text), as soon as there is one."""

        def showing() -> WebElement | None:
            found = (e for e in self.all(selector) if e.is_displayed() and text in (None, e.text))
            return next(found, None)

        return self.wait(showing)  # type: ignore[no-any-return]

    def open(self, title: str) -> None:
        """Open the only task of a project."""
        self.title = title
        (task,) = tasks_of(self.studio, title)
        self.chrome.get(f"{self.studio.url}/projects/{project_id(self.studio, title)}/data?task={task.id}")
        self.see("[class*=richtext__line]")

    def keys(self, *keys: str) -> None:
        """Press keys, all at once."""
        actions = ActionChains(self.chrome)
        for key in keys:
            actions.key_down(key)
        for key in reversed(keys):
            actions.key_up(key)
        actions.perform()

    def mark(self, words: str, hotkey: str) -> None:
        """Choose a label by its key and draw the mouse over ``words``; then select the new mark."""
        self.keys(Keys.ESCAPE)
        before = len(self.all(MARK))
        left, right, middle = self.wait(lambda: self.chrome.execute_script(FIND, words))
        left, right, middle = self.chrome.execute_script(FIND, words)  # after it has scrolled there
        self.keys(hotkey)
        mouse = ActionBuilder(self.chrome, duration=100)
        pointer: Any = mouse.pointer_action
        pointer.move_to_location(round(left) + 1, round(middle)).pointer_down()
        pointer.move_to_location(round(right) - 1, round(middle)).pointer_up()
        mouse.perform()
        self.wait(lambda: len(self.all(MARK)) == before + 1)
        self.click(words)

    def click(self, words: str) -> None:
        """Click the mark that reads so, away from the labels that stay on top."""
        mark = self.see(MARK, words)
        self.chrome.execute_script("arguments[0].scrollIntoView({block: 'center'})", mark)
        mark.click()

    def fill(self, field: str, value: str) -> None:
        self.see(INPUT.format(field)).send_keys(value, Keys.ENTER)
        self.wait(lambda: not any(e.is_displayed() for e in self.all(INPUT.format(field))))

    def refill(self, field: str, value: str) -> None:
        """Change what a field of the selected mark holds, with the pencil."""
        box = self.see(f"[data-testid=htx-textbox-content][name^='{field}:']")
        ActionChains(self.chrome).move_to_element(box).perform()
        self.see("[data-testid=htx-textbox-edit-button]").click()
        editor = self.wait(lambda: self.chrome.switch_to.active_element)
        editor.send_keys(Keys.CONTROL, "a")
        editor.send_keys(value, Keys.ENTER)
        self.see(f"[data-testid=htx-textbox-content][name^='{field}:']", value)

    def relate(self, tail: str, label: str) -> None:
        """Draw a relation from the selected mark to another, by key and mouse, and choose its label from the list."""
        self.keys(Keys.ALT, "r")
        self.click(tail)
        self.see("[class*=tab]", "Relations").click()
        self.see("[class*=relations__item]")
        item = self.all("[class*=relations__item]")[-1]
        ActionChains(self.chrome).scroll_to_element(item).move_to_element(item).perform()
        item.find_element(By.CSS_SELECTOR, "button[aria-label='Show Relation Labels']").click()
        self.wait(lambda: item.find_elements(By.CSS_SELECTOR, "[class*=relation-meta] button"))[0].click()
        self.see("[role=option]", label).click()
        self.keys(Keys.ESCAPE)
        self.wait(lambda: label in [text.text for text in self.all(ARROW_LABEL)])

    def submit(self) -> None:
        self.see("button[aria-label='Submit current annotation']").click()
        self.wait(lambda: tasks_of(self.studio, self.title)[0].total_annotations)


@pytest.fixture(scope="module")
def person(studio: Studio) -> Iterator[Person]:
    with chromium(1500, 1000) as chrome:
        yield Person(chrome, studio)


def test_what_a_person_adds_comes_back_and_nothing_else(
    person: Person, studio: Studio, release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("armsbench.annotations.layers.LAYERS", tmp_path)
    document = release.documents["article-072"]
    gold = release.gold[document.id]
    title = new_title()
    run(studio, title, "push", "--with", "gold", document.id)
    person.open(title)
    person.wait(lambda: len(person.all(MARK)) == len(gold.mentions or ()) + 2)  # and headline and byline
    shown = sorted(mark.text for mark in person.all(MARK))
    surfaces = [document.text[m.start : m.end] for m in gold.mentions or ()]
    regions = [document.text[r.start : r.end].strip() for r in document.regions if r.kind != "body"]
    assert shown == sorted([*surfaces, *regions])
    arrows = {label for text in person.all(ARROW_LABEL) for label in text.text.split(", ")}
    assert arrows == {relation.label for relation in gold.relations or ()}

    person.mark("outlets", "o")
    person.fill("entity", "press")
    person.relate("Canberra", "located_in")
    if os.environ.get("ARMSBENCH_UPDATE"):
        person.click("outlets")
        person.chrome.save_screenshot(str(SCREENSHOT))
    person.submit()

    done = run(studio, title, "pull")
    assert done.exit_code == 0, done.output
    back = read_annotation(tmp_path / "anna" / f"{document.id}.json")
    start = document.text.index("outlets")
    added = Mention(id="m203", start=start, end=start + 7, label="ORGANIZATION", form="name", entity="press")
    canberra = next(m for m in gold.mentions or () if document.text[m.start : m.end] == "Canberra")
    assert set(back.mentions or ()) ^ {*(gold.mentions or ())} == {added}
    located = Relation(label="located_in", head="m203", tail=canberra.id)
    assert {*(back.relations or ())} ^ {*(gold.relations or ())} == {located}
    new = [e for e in back.entities or () if e not in (gold.entities or ())]
    assert [(e.id, e.name, e.attributes.given()) for e in new] == [("press", "outlets", {})]
    assert len(back.entities or ()) == len(gold.entities or ()) + 1


def test_a_person_joins_relabels_and_deletes(
    person: Person, studio: Studio, release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another word for the entity takes a mention out of one and into another; with a mark go its relations."""
    monkeypatch.setattr("armsbench.annotations.layers.LAYERS", tmp_path)
    document = release.documents["article-072"]
    title = new_title()
    run(studio, title, "push", "--with", "gold", document.id)
    person.open(title)
    person.click("hulls")
    person.refill("entity", "e16")
    person.click("Anzac class")
    person.keys("c")
    person.click("2034")
    person.keys(Keys.BACKSPACE)
    person.wait(lambda: "2034" not in [mark.text for mark in person.all(MARK)])
    person.submit()
    done = run(studio, title, "pull")
    assert done.exit_code == 0, done.output
    back = read_annotation(tmp_path / "anna" / f"{document.id}.json")
    found = [change.text for change in diff_annotations(document, release.gold[document.id], back)]
    assert found == [
        "- DATE '2034' (1080:1084)",
        "~ WEAPON 'Anzac class' (1255:1266) is now COMPANY",
        "moved: WEAPON 'hulls' (792:797)"
        " from WEAPON {'warships', 'upgraded Mogami', 'general-purpose frigates' and 5 more}"
        " to WEAPON {'hulls', 'lead ship'}",
        "- dated: DEAL 'procurement' (402:413) -> DATE '2034' (1080:1084)",
    ]


TRICKY = (
    "\U0001f680\U0001f1fa\U0001f1f8 launched  twice\r\nand  e\u0301 \U0001f468\u200d\U0001f469  over Norway.\n\nEnd"
)


def test_offsets_of_the_mouse_count_code_points(person: Person, studio: Studio) -> None:
    """After emoji, flags, CR LF, double spaces and a combining accent; and the spaces are there to be seen."""
    document: Document = msgspec.structs.replace(make_document(TRICKY), id="tricky")
    title = new_title()
    with Server(studio.url, studio.token) as server:
        push(server, title, [task_from_annotation(document, None)], lambda message: None)
        person.open(title)
        text = person.see("[class*=richtext__line]")
        assert text.value_of_css_property("white-space-collapse") == "preserve"
        person.mark("Norway", "g")
        person.submit()
        (task,) = export(server, find_project(server, title))
    assert task["data"]["text"] == TRICKY
    reading = read_result(document, task["annotations"][0]["result"], "here")
    assert reading.faults == ()
    annotation: Annotation = reading.annotation
    (mention,) = annotation.mentions or ()
    assert (TRICKY[mention.start : mention.end], mention.label) == ("Norway", "GPE")
