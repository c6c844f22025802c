"""Hydration: right texts are found, wrong ones refused in one line that says what to do, the rest still loads."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest
from armsbench.cli import main
from armsbench.corpus import hydrate
from armsbench.corpus.document import Region, region_faults
from armsbench.corpus.errors import DataError
from armsbench.corpus.files import sha256_of_text
from armsbench.corpus.index import IndexEntry, read_index
from armsbench.corpus.load import load_corpus, sources_folders
from armsbench.corpus.readers import notices, press
from click.testing import CliRunner

TEXT = "Country – Missiles\n\nMedia/Public Contact: A B\nTransmittal No: 10-01WASHINGTON, July 28, 2009 - On July 27 \
the agency notified Congress.\nThis notice is required by law.\n-30-"


INDEXES: dict[str, tuple[IndexEntry, ...]] = {}
"""The made-up indexes that the fixture ``sources`` put in place last."""


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sources folder with two made-up notices and one press text, and indexes that fit them."""
    records = [record(1, TEXT), record(2, TEXT.replace("10-01", "10-02"))]
    (tmp_path / "notices").mkdir()
    (tmp_path / "notices" / "arms_sales.json").write_text(json.dumps(records))
    (tmp_path / "press").mkdir()
    (tmp_path / "press" / "story.txt").write_text("A story.\n")
    entry = IndexEntry(
        id="press-1",
        source="story.txt",
        story="s",
        sha256=sha256_of_text("A story."),
        licence="copyright",
        regions=(press_region(),),
    )
    indexes = {
        "articles": (),
        "notices": tuple(notices.index_notice(msgspec.convert(r, notices.NoticeRecord)) for r in records),
        "press": (entry,),
    }
    INDEXES.update(indexes)
    monkeypatch.setattr("armsbench.corpus.load.read_index", lambda collection: indexes[collection])
    return tmp_path


def press_region() -> Region:
    return Region("body", 0, 8)


def record(pk: int, text: str) -> dict[str, Any]:
    return {"pk": pk, "model": "m", "fields": {"title": "Country – Missiles", "text": text, "date": None}}


def rewrite(sources: Path, change: Any) -> None:
    path = sources / "notices" / "arms_sales.json"
    records = json.loads(path.read_text())
    path.write_text(json.dumps(change(records)))


def test_good_sources_load(sources: Path) -> None:
    corpus = load_corpus(sources=sources)
    assert set(corpus.documents) == {"notice-001", "notice-002", "press-1"}
    assert corpus.faults == ()
    document = corpus.documents["notice-001"]
    assert document.date == "2009-07-28"
    assert document.title == "Country – Missiles"
    assert [r.kind for r in document.regions] == ["headline", "furniture", "body", "furniture"]
    assert document.text[document.regions[2].start :].startswith("WASHINGTON, July")
    assert region_faults(document.regions, len(document.text)) == []


def wrong_text(records: list[Any]) -> list[Any]:
    records[0]["fields"]["text"] += " More."
    return records


def missing_record(records: list[Any]) -> list[Any]:
    return records[1:]


def malformed_record(records: list[Any]) -> list[Any]:
    del records[0]["fields"]["text"]
    return records


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(wrong_text, "notice-001 is not the text that was annotated", id="wrong-text"),
        pytest.param(missing_record, "missing; it should hold notice-001", id="missing-record"),
        pytest.param(malformed_record, "notice-001 has not the published form", id="malformed-record"),
    ],
)
def test_one_bad_record_is_named_and_the_rest_loads(sources: Path, change: Any, message: str) -> None:
    rewrite(sources, change)
    corpus = load_corpus(sources=sources)
    (fault,) = corpus.faults
    assert message in str(fault)
    assert "\n" not in str(fault)
    assert set(corpus.documents) == {"notice-002", "press-1"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(None, "no such file", id="no-file"),
        pytest.param(b'[{"pk": 1, "fields": {"te', "may be cut off", id="truncated"),
        pytest.param(b"\xff\xfe[\x00]\x00", "not UTF-8 (byte 0xff at 0)", id="utf-16"),
        pytest.param(b'{"pk": 1}', "not the JSON that was published", id="an-object"),
        pytest.param(b"[" * 100_000, "not the JSON that was published", id="nested"),
    ],
)
def test_an_unreadable_notices_file_is_one_fault(sources: Path, content: bytes | None, message: str) -> None:
    path = sources / "notices" / "arms_sales.json"
    path.unlink() if content is None else path.write_bytes(content)
    corpus = load_corpus(sources=sources)
    (fault,) = corpus.faults
    assert message in str(fault)
    assert set(corpus.documents) == {"press-1"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(None, "no such file; it should hold press-1", id="no-file"),
        pytest.param(b"A sto", "has 5 characters, 8 expected, so it may be cut off", id="truncated"),
        pytest.param(b"A story. More", "13 characters, 8 expected, so something was added", id="longer"),
        pytest.param(b"A stony.", "same length, other characters", id="other-words"),
        pytest.param("A störy.".encode("latin-1"), "not UTF-8 (byte 0xf6 at 4)", id="latin-1"),
    ],
)
def test_a_wrong_press_text_is_refused(sources: Path, content: bytes | None, message: str) -> None:
    path = sources / "press" / "story.txt"
    path.unlink() if content is None else path.write_bytes(content)
    corpus = load_corpus(sources=sources)
    (fault,) = corpus.faults
    assert message in str(fault)
    assert str(path) in str(fault)
    assert set(corpus.documents) == {"notice-001", "notice-002"}


def test_differences_that_normalisation_removes_are_no_difference(sources: Path) -> None:
    (sources / "press" / "story.txt").write_bytes("\ufeff\r\n A\u00a0story. \r\n\r\n".encode())
    assert "press-1" in load_corpus(sources=sources).documents


def test_a_folder_that_does_not_exist() -> None:
    result = CliRunner().invoke(main, ["hydrate", "--sources", "/no/such/folder"])
    assert result.exit_code == 1
    assert result.stderr.count("/no/such/folder: no such folder; the texts of") == 2
    articles = next(line for line in result.stdout.splitlines() if "articles" in line)
    assert len(set(articles.split()[1:])) == 1  # as many verified as indexed


def test_without_sources_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("armsbench.corpus.load.sources_folders", lambda sources=None: [])
    monkeypatch.delenv("ARMSBENCH_SOURCES", raising=False)
    corpus = load_corpus()
    assert "armsbench hydrate --download" in corpus.absent["notices"]
    assert "--sources" in corpus.absent["press"]
    assert corpus.faults == ()


def test_a_folder_with_one_collection_only_is_no_fault(sources: Path) -> None:
    (sources / "press" / "story.txt").unlink()
    (sources / "press").rmdir()
    corpus = load_corpus(sources=sources)
    assert corpus.faults == ()
    assert set(corpus.absent) == {"press"}


def test_the_environment_names_the_sources(sources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARMSBENCH_SOURCES", str(sources))
    assert sources_folders() == [sources]
    assert "press-1" in load_corpus().documents


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A web server on the loopback address, and the folder it serves."""
    folder = tmp_path / "served"
    folder.mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}/arms_sales.json", folder
        http.shutdown()
        thread.join()


def test_download_checks_the_digest_and_keeps_only_indexed_records(server: tuple[str, Path], tmp_path: Path) -> None:
    url, folder = server
    indexed = read_index("notices")[0].source
    content = json.dumps([record(int(indexed), TEXT), record(999_999, "set aside for a blind test")]).encode()
    (folder / "arms_sales.json").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    path = hydrate.download_notices(tmp_path / "to", url=url, sha256=digest)
    assert [r["pk"] for r in json.loads(path.read_bytes())] == [int(indexed)]


def test_a_download_goes_where_the_environment_says_and_leaves_a_good_file_alone(
    sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARMSBENCH_SOURCES", str(sources))
    monkeypatch.setattr("armsbench.corpus.hydrate.read_index", lambda name: INDEXES[name])
    target = sources / "notices" / "arms_sales.json"
    before = target.read_bytes()
    assert hydrate.download_notices(url="http://127.0.0.1:9/nothing") == target
    assert target.read_bytes() == before
    target.write_text("[]")
    with pytest.raises(DataError, match=r"127\.0\.0\.1:9/nothing: cannot be fetched"):
        hydrate.download_notices(url="http://127.0.0.1:9/nothing")


@pytest.mark.parametrize(
    ("served", "message"),
    [pytest.param(None, "cannot be fetched", id="not-found"), pytest.param(b"[]", "SHA-256", id="other-file")],
)
def test_a_failed_download_writes_nothing(
    server: tuple[str, Path], tmp_path: Path, served: bytes | None, message: str
) -> None:
    url, folder = server
    if served is not None:
        (folder / "arms_sales.json").write_bytes(served)
    target = tmp_path / "to" / "notices" / "arms_sales.json"
    target.parent.mkdir(parents=True)
    target.write_text("the old file")
    with pytest.raises(DataError, match=message):
        hydrate.download_notices(tmp_path / "to", url=url)
    assert target.read_text() == "the old file"


def test_press_reader_is_given_only_its_own_folder(tmp_path: Path) -> None:
    (tmp_path / "story.txt").write_text("A story.")
    entry = IndexEntry(id="press-1", source="story.txt", story="s", sha256="", licence="", regions=(press_region(),))
    assert "no such file" in str(press.read_press(tmp_path, (entry,))["press-1"])
