"""``python -m tests.vendor``: get the browser libraries that are committed, as their ``vendor.toml`` say.

Change a version there first. Needs npm; writes the files and their SHA-256.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = (ROOT / "src" / "imurep" / "web" / "vendor", ROOT / "tests" / "browser" / "vendor")
LIST = "vendor.toml"


def main() -> None:
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is not installed")
    for folder in FOLDERS:
        listing = (folder / LIST).read_text(encoding="utf-8")
        for library in tomllib.loads(listing)["library"]:
            package = _package(npm, f"{library['package']}@{library['version']}")
            for file in library["file"]:
                body = _member(package, file["from"])
                (folder / file["name"]).write_bytes(body)
                before, now = file["sha256"], hashlib.sha256(body).hexdigest()
                block = f'from = "{file["from"]}"\nsha256 = '
                listing = listing.replace(f'{block}"{before}"', f'{block}"{now}"')
        (folder / LIST).write_text(listing, encoding="utf-8")


def _package(npm: str, name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([npm, "pack", "--silent", name], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        (packed,) = Path(folder).iterdir()
        return packed.read_bytes()


def _member(package: bytes, name: str) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(package)) as archive:
        found = archive.extractfile(f"package/{name}")
        if found is None:
            sys.exit(f"{name} is not in the package")
        return found.read()


if __name__ == "__main__":
    main()
