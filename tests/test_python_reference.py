"""docs/reference/python.md is what its generator makes of the docstrings."""

from __future__ import annotations

import re

import imurep
from docs.generate.python_reference import PAGE, SECTIONS, page


def test_the_committed_page_is_what_would_be_written() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: make reference"


def test_every_exported_name_has_one_place() -> None:
    names = [name for _, part in SECTIONS.values() for name in part]
    assert sorted(names) == sorted(imurep.__all__)


def test_everything_is_described() -> None:
    text = page()
    assert [line for line in text.splitlines() if re.search(r"\|\s*\|$", line)] == []
    assert "``" not in re.sub(r"^```\w*$", "", text, flags=re.MULTILINE)


def test_links_within_the_page_lead_somewhere() -> None:
    text = page()
    anchors = [
        re.sub(r"[^\w -]", "", head).lower().replace(" ", "-")
        for head in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    ]
    assert len(set(anchors)) == len(anchors)
    assert set(re.findall(r"\]\(#(.*?)\)", text)) <= set(anchors)
