"""What lies beside an export: it names every file with its digest, and holds what the published formats ask for."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from dragoman.export.describe import NAMES, About, describe
from dragoman.export.parquet import TABLES, write_folder
from dragoman.record import Record
from tests.stories import EXCHANGE


@pytest.fixture
def press(tmp_path: Path, record: Record) -> Path:
    folder = tmp_path / "press"
    write_folder([record, *EXCHANGE], folder, title='Press: "Doka" | 2031', licence="CC-BY-4.0")
    return folder


def loaded(folder: Path, name: str) -> dict[str, Any]:
    return json.loads((folder / name).read_text("utf8"))  # type: ignore[no-any-return]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# --- Data Package: the keys that its profile requires, and what it says of names, fields and keys -----------------


def test_the_data_package_names_every_file_with_its_digest(press: Path) -> None:
    package = loaded(press, "datapackage.json")
    found = {r["path"]: (r["bytes"], r["hash"]) for r in package["resources"]}
    assert found == {
        p.relative_to(press).as_posix(): (p.stat().st_size, f"sha256:{sha256(p)}")
        for p in press.rglob("*.parquet")
    }


def test_the_data_package_has_what_its_profile_requires(press: Path) -> None:
    package = loaded(press, "datapackage.json")
    assert package["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert package["licenses"] == [{"name": "CC-BY-4.0"}]
    names = [resource["name"] for resource in package["resources"]]
    assert len(set(names)) == len(names) == 2 * len(TABLES)
    assert all(re.fullmatch(r"[a-z0-9._-]+", name) for name in [package["name"], *names])
    for resource in package["resources"]:
        fields = [f["name"] for f in resource["schema"]["fields"]]
        assert len(set(fields)) == len(fields)
        assert {f["type"] for f in resource["schema"]["fields"]} <= {
            *("string", "integer", "number", "date", "array", "object")
        }
        assert set(resource["schema"].get("primaryKey", [])) <= set(fields)


def test_every_foreign_key_points_at_a_key_of_the_same_month(press: Path) -> None:
    schemas = {r["name"]: r["schema"] for r in loaded(press, "datapackage.json")["resources"]}
    keys = [(name, key) for name, schema in schemas.items() for key in schema.get("foreignKeys", ())]
    assert len(keys) == 2 * 6
    for name, key in keys:
        there = key["reference"]["resource"]
        assert there.partition("-")[2] == name.partition("-")[2]
        assert schemas[there]["primaryKey"] == key["reference"]["fields"]
        assert set(key["fields"]) <= {f["name"] for f in schemas[name]["fields"]}


# --- Croissant: the keys that its specification requires -----------------


def test_croissant_has_what_its_specification_requires(press: Path) -> None:
    dataset = loaded(press, "croissant.json")
    assert (dataset["@type"], dataset["conformsTo"]) == ("sc:Dataset", "http://mlcommons.org/croissant/1.0")
    assert dataset["name"]
    assert dataset["license"] == "CC-BY-4.0"
    for file in (f for f in dataset["distribution"] if f["@type"] == "cr:FileObject"):
        assert file["sha256"] == sha256(press / file["contentUrl"])
        assert file["encodingFormat"] == "application/x-parquet"
    sets = {f["@id"]: f for f in dataset["distribution"] if f["@type"] == "cr:FileSet"}
    assert all(len(list(press.glob(found["includes"]))) == 2 for found in sets.values())
    ids = [f["@id"] for f in dataset["distribution"]] + [r["@id"] for r in dataset["recordSet"]]
    ids += [f["@id"] for r in dataset["recordSet"] for f in r["field"]]
    assert len(set(ids)) == len(ids)
    for found in dataset["recordSet"]:
        for field in found["field"]:
            assert field["source"]["fileSet"]["@id"] in sets
            assert "dataType" in field or field["subField"]


# --- for people, and the list -----------------


def test_the_page_begins_with_yaml_that_data_hubs_read(press: Path) -> None:
    page = (press / "README.md").read_text("utf8")
    head = page.split("---\n")[1].splitlines()
    assert head[:2] == ['pretty_name: "Press: \\"Doka\\" | 2031"', 'license: "cc-by-4.0"']
    assert "- config_name: statements" in head
    assert '  data_files: "statements/**/*.parquet"' in head
    assert all(f"| `{column.name}` |" in page for table in TABLES for column in table.columns)


@pytest.mark.parametrize(
    ("licence", "head", "package"),
    [
        (None, None, None),
        ("ODbL-1.0", 'license: "odbl-1.0"', {"name": "ODbL-1.0"}),
        ("https://x.example/l", 'license_link: "https://x.example/l"', {"path": "https://x.example/l"}),
        ("for our eyes only", 'license_name: "for our eyes only"', {"name": "for our eyes only"}),
    ],
)
def test_a_licence_is_what_the_caller_says(
    tmp_path: Path, licence: str | None, head: str | None, package: dict[str, str] | None
) -> None:
    describe(tmp_path, About("brat", licence=licence))
    page = (tmp_path / "README.md").read_text("utf8")
    assert ("license" in page) is bool(head)
    assert head is None or head in page.splitlines()
    assert loaded(tmp_path, "datapackage.json").get("licenses") == (package and [package])


def test_the_manifest_counts_and_names_every_other_file(press: Path) -> None:
    manifest = loaded(press, "_manifest.json")
    assert (manifest["format"], manifest["quotes"], manifest["counts"]["statements"]) == ("parquet", True, 11)
    assert len(manifest["made_by"]) == 2
    found = {f["path"]: (f["bytes"], f["sha256"]) for f in manifest["files"]}
    there = [p for p in press.rglob("*") if p.is_file() and p.name != "_manifest.json"]
    assert found == {p.relative_to(press).as_posix(): (p.stat().st_size, sha256(p)) for p in there}


def test_a_folder_of_any_files_can_be_described(tmp_path: Path) -> None:
    (tmp_path / "doka.txt").write_text("Talks fail")
    (tmp_path / "doka.ann").write_text("T1\\n")
    describe(tmp_path, About("brat", "Talks", counts={"rows": 1}))
    package = loaded(tmp_path, "datapackage.json")
    assert [(r["name"], r["path"]) for r in package["resources"]] == [
        ("doka-ann", "doka.ann"),
        ("doka-txt", "doka.txt"),
    ]
    before = {name: (tmp_path / name).read_bytes() for name in NAMES}
    describe(tmp_path, About("brat", "Talks", counts={"rows": 1}))
    assert before == {name: (tmp_path / name).read_bytes() for name in NAMES}
