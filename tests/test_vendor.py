"""Browser libraries are what their makers published, whole, with a licence beside them."""

from __future__ import annotations

import hashlib
import tomllib
from typing import TYPE_CHECKING

import pytest

from tests.vendor import FOLDERS, LIST

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.parent.name))
def test_the_files_are_those_that_were_listed(folder: Path) -> None:
    libraries = tomllib.loads((folder / LIST).read_text(encoding="utf-8"))["library"]
    listed = {file["name"]: file["sha256"] for library in libraries for file in library["file"]}
    there = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.name != LIST
    }
    assert there == listed
    assert all(any("LICENSE" in file["name"] for file in library["file"]) for library in libraries)
