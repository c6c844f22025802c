"""The dataset card (README.md of the build) and its Croissant description, from one set of facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..corpus.document import COLLECTIONS
from ..corpus.splits import CANARY
from .release import RELEASE, RELEASE_DATE, Release
from .stats import Stats, release_stats

TITLE = "armsbench: information extraction from texts about arms transfers"
DESCRIPTION = (
    "Texts about arms transfers with mentions, coreference, relations and document-level deal records: who supplies"
    " what to whom, for how much, approved by whom. Offsets count Unicode code points and are half-open."
)
HOW_MADE = (
    "Articles were written and all texts annotated with language models, by the guideline that comes with the data."
    " No human has checked texts or annotations yet."
)
LICENCES = {
    "articles": "original texts, CC BY 4.0",
    "notices": "releases of the U.S. Defense Security Cooperation Agency, public domain (17 U.S.C. 105)",
    "press": "copyright of their publishers: for your own use only, do not pass this build on",
}
RAI = {
    "rai:dataCollection": "Articles were written one by one from public facts with sources; notices and press"
    " articles were chosen by date, recipient and length, and are hydrated from the user's copies.",
    "rai:dataAnnotationProtocol": "Annotated document by document by GUIDELINES.md; DATASHEET.md says in which layers.",
    "rai:machineAnnotationTools": ["language models, working from the bare text"],
    "rai:annotatorDemographics": "Language models; no human annotator has checked the data yet.",
    "rai:dataLimitations": "English only; small; notices share boilerplate; no human verification; not a register of"
    " arms transfers.",
    "rai:dataBiases": "The United States as supplier and Taiwan as recipient are over-represented.",
    "rai:dataUseCases": "Measuring and training systems that extract deals from texts about arms transfers.",
    "rai:dataSocialImpact": "Meant to help public monitoring of arms transfers; scores say how far to trust them.",
    "rai:personalSensitiveInformation": "Names of office holders in their office, as published. No private persons.",
    "rai:dataReleaseMaintenancePlan": "A corrected gold is a new release; CHANGELOG.md names what moved.",
    "rai:hasSyntheticData": True,
}
ANNOTATION_LICENCE = "https://creativecommons.org/licenses/by/4.0/"
PRESS_LICENCE = f"Holds texts under copyright, not to be passed on. Articles and annotations: {ANNOTATION_LICENCE}"


def card(
    release: Release,
    files: Mapping[str, Mapping[str, str]],
    features: Mapping[str, Any],
    rows: Mapping[str, Mapping[str, int]],
) -> str:
    """README.md of the build: YAML that ``load_dataset`` reads, then what a reader must know."""
    present = [c for c in COLLECTIONS if release.select(c)]
    licences = "\n".join(f"- {c}: {LICENCES[c]}." for c in present)
    missing = "\n".join(f"- {c} is not in this build: {reason}" for c, reason in release.missing().items())
    lines = [
        "---",
        "pretty_name: armsbench",
        "language: [en]",
        f"license: {'other' if 'press' in present else 'cc-by-4.0'}",
        "annotations_creators: [machine-generated]",
        "language_creators: [machine-generated, found]",
        "task_categories: [token-classification]",
        "task_ids: [named-entity-recognition, coreference-resolution]",
        "tags: [relation-extraction, information-extraction, arms-transfers, document-level]",
        "size_categories: [n<1K]",
        *_configs(files),
        *_dataset_info(features),
        "---",
        "",
        f"# {TITLE}",
        "",
        f"Release {RELEASE}. {DESCRIPTION}",
        "",
        HOW_MADE,
        "",
        "## What is in this build",
        "",
        stats_markdown(release_stats(release)),
        "",
        licences,
        missing,
        "",
        "Annotations: CC BY 4.0. Configs: " + ", ".join(f"`{c}` ({_rows(r)})" for c, r in rows.items()) + ".",
        "",
        "## Load",
        "",
        "```python",
        "from datasets import load_dataset",
        "",
        'documents = load_dataset("path/to/this/folder")  # mentions, entities and relations of each document',
        'tokens = load_dataset("path/to/this/folder", "ner")  # tokens with BIO tags and their offsets',
        'deals = load_dataset("path/to/this/folder", "deals")  # one row a deal record',
        "```",
        "",
        "## Before you use it",
        "",
        "- GUIDELINES.md beside this file says what every mark means; no human has checked the marks yet.",
        "- Notices share boilerplate across splits, so scores on them flatter systems that memorise it.",
        "- Test labels are public: a system trained on them must say so. Every file that holds them holds this string:",
        f"  `{CANARY}`.",
        "- Scores, baselines and datasheet are in the armsbench repository, whose `armsbench build` made this folder.",
    ]
    return "\n".join(lines) + "\n"


def _rows(rows: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {split}" for split, n in rows.items())


def _configs(files: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    yield "configs:"
    for config, by_split in files.items():
        yield f"- config_name: {config}"
        yield f"  version: {RELEASE}"
        if config == "documents":
            yield "  default: true"
        yield "  data_files:"
        for split, name in by_split.items():
            yield f"  - split: {split}"
            yield f"    path: {name}"


def _dataset_info(features: Mapping[str, Any]) -> Iterator[str]:
    import yaml

    info = [{"config_name": name, "features": its._to_yaml_list()} for name, its in features.items()]
    yield yaml.safe_dump({"dataset_info": info}, sort_keys=False).rstrip()


def stats_markdown(rows: list[Stats]) -> str:
    """The counts as a Markdown table."""
    head = ("collection", "split", "documents", "stories", "words", "mentions", "entities", "relations", "deals")
    lines = ["| " + " | ".join(head) + " |", "|---|---|" + "---:|" * (len(head) - 2)]
    lines += ["| " + " | ".join(_cell(getattr(row, name)) for name in head) + " |" for row in rows]
    return "\n".join(lines)


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def croissant(
    release: Release,
    files: Mapping[str, Mapping[str, str]],
    digests: Mapping[str, str],
    features: Mapping[str, Any],
    folder: Path,
) -> dict[str, Any]:
    """The Croissant 1.0 description with the responsible-AI fields; nested lists are repeated fields."""
    distribution, record_sets = [], []
    for config, by_split in files.items():
        for split, name in by_split.items():
            file_id = f"{config}-{split}"
            distribution.append(
                {
                    "@type": "cr:FileObject",
                    "@id": file_id,
                    "name": file_id,
                    "contentUrl": name,
                    "contentSize": f"{(folder / name).stat().st_size} B",
                    "encodingFormat": "application/x-parquet",
                    "sha256": digests[name],
                }
            )
            fields = [_field(f"{file_id}/{n}", n, f, file_id, [n]) for n, f in features[config].items()]
            record_sets.append(
                {"@type": "cr:RecordSet", "@id": f"{file_id}-rows", "name": f"{file_id}-rows", "field": fields}
            )
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"],
        "name": "armsbench",
        "description": f"{DESCRIPTION} {HOW_MADE}",
        "license": PRESS_LICENCE if release.select("press") else ANNOTATION_LICENCE,
        "version": RELEASE,
        "datePublished": RELEASE_DATE,
        "creator": {"@type": "sc:Organization", "name": "armsbench"},
        "citeAs": f"armsbench, release {RELEASE}",
        "inLanguage": "en",
        "keywords": ["information extraction", "arms transfers", "relation extraction", "coreference"],
        **RAI,
        "distribution": distribution,
        "recordSet": record_sets,
    }


_TYPES = {"string": "sc:Text", "float64": "sc:Float", "int32": "sc:Integer"}


def _field(field_id: str, name: str, feature: Any, file_id: str, path: list[str]) -> dict[str, Any]:
    """One column, or one part of a nested column, as a Croissant field."""
    field: dict[str, Any] = {"@type": "cr:Field", "@id": field_id, "name": name}
    inner = getattr(feature, "feature", feature)
    if inner is not feature:
        field["repeated"] = True
    if isinstance(inner, dict):
        field["subField"] = [_field(f"{field_id}/{n}", n, f, file_id, [*path, n]) for n, f in inner.items()]
        return field
    names = getattr(inner, "names", None)
    field["dataType"] = "sc:Integer" if names else _TYPES[inner.dtype]
    if names:
        field["description"] = "Index into: " + ", ".join(names)
    transform = [{"jsonPath": ".".join(path[1:])}] if len(path) > 1 else []
    field["source"] = {"fileObject": {"@id": file_id}, "extract": {"column": path[0]}}
    if transform:
        field["source"]["transform"] = transform
    return field


_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
