from __future__ import annotations

import gzip
import re

from imurep.web.files import PAGE, page_files


def test_what_the_page_names_is_there() -> None:
    files = page_files()
    index = files[""].body.decode()
    named = set(re.findall(r'(?:href|src)="([^"]+)"', index))
    named |= set(re.findall(r'"src": "([^"]+)"', files["manifest.webmanifest"].body.decode()))
    assert named
    assert named <= files.keys()


def test_the_worker_keeps_all_that_the_page_needs_offline() -> None:
    files = page_files()
    listed = re.search(r"SHELL = \[(.*?)\]", files["sw.js"].body.decode(), re.DOTALL)
    assert listed is not None
    kept = set(re.findall(r'"([^"]+)"', listed[1]))
    needed = {name for name in files if name.endswith((".js", ".css")) and name != "sw.js"}
    assert needed | {"./", "about.json", "manifest.webmanifest", "icons/icon.svg"} == kept


def test_nothing_in_the_markup_needs_a_weaker_policy() -> None:
    index = (PAGE / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", index)
    assert not re.search(r"<script(?! type=\"module\" src=)", index)


def test_text_is_never_made_markup() -> None:
    for path in (PAGE / "js").glob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|eval\(", text
        ), path


def test_packed_files_unpack_to_themselves() -> None:
    for file in page_files().values():
        assert file.packed is None or gzip.decompress(file.packed) == file.body
