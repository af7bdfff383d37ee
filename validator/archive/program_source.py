"""Where others can get this program: its git repository, and a tag or commit."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from validator.archive.git import git_answer

_DISTRIBUTION = "seed-validator"


@dataclass(frozen=True, slots=True)
class Program:
    """A git repository with the program, and a tag or commit; `None` if not known."""

    url: str | None
    rev: str | None

    @property
    def is_known(self) -> bool:
        """Whether others can fetch it: that needs both."""
        return self.url is not None and self.rev is not None

    @property
    def github(self) -> str | None:
        """`owner/name` if GitHub has it, so that its action can be named."""
        address = (self.url or "").removesuffix("/").removesuffix(".git")
        for start in ("https://github.com/", "ssh://git@github.com/", "git@github.com:"):
            if address.startswith(start) and address.removeprefix(start).count("/") == 1:
                return address.removeprefix(start)
        return None


def installed_from() -> Program:
    """Where the installation comes from: a repository, or the remote of a checkout."""
    try:
        installed: Distribution | None = distribution(_DISTRIBUTION)
    except PackageNotFoundError:
        installed = None
    direct = json.loads((installed.read_text("direct_url.json") if installed is not None else None) or "{}")
    url = str(direct.get("url", ""))
    vcs = direct.get("vcs_info")
    if vcs and vcs.get("vcs") == "git":
        wanted = str(vcs.get("requested_revision") or "")
        rev = wanted if re.fullmatch(r"v?\d+(\.\d+)*", wanted) else str(vcs.get("commit_id") or wanted)
        return Program(without_secret(url), rev or None)
    checkout = Path(unquote(urlsplit(url).path)) if url.startswith("file://") else Path(__file__).resolve().parents[2]
    if (checkout / ".git").exists():
        remote = git_answer(checkout, "remote", "get-url", "origin").decode("utf-8", "replace").strip()
        if remote:
            tag = git_answer(checkout, "describe", "--tags", "--exact-match").decode("utf-8", "replace").strip()
            commit = git_answer(checkout, "rev-parse", "HEAD").decode("utf-8", "replace").strip()
            return Program(without_secret(remote), tag or commit or None)
    for line in (installed.metadata.get_all("Project-URL") or []) if installed is not None else []:
        label, _, address = line.partition(", ")
        if label.lower() in ("repository", "source", "source code"):
            return Program(without_secret(address), None)
    return Program(None, None)


def without_secret(url: str) -> str:
    """An address without a name and password."""
    parts = urlsplit(url)
    if parts.scheme in ("http", "https") and "@" in parts.netloc:
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return url
