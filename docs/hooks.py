"""Pages of the documentation that are made from the code, so that they cannot be wrong: kinds and options."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields

import click
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from cleaners.rulebook import Kind, kinds, packs
from flows.cli import main
from flows.config import Options


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Put the made pages among the written ones."""
    for name, text in pages().items():
        files.append(File.generated(config, name, content=text))
    return files


def pages() -> dict[str, str]:
    """Path and Markdown of each made page."""
    return {"kinds.md": kinds_page(), "options.md": options_page()}


def kinds_page() -> str:
    """A row a kind, and the phrases that languages have."""
    spoken = Counter(name for code, pack in packs().items() if code != "any" for name in pack.kinds)
    rows = [[f"`{kind.name}`", kind.about, _ZONES[kind.zone], _spoken(kind, spoken)] for kind in kinds().values()]
    tongues = [
        [f"`{code}`", pack.name, f"{len(pack.phrases):,}", str(len(pack.kinds))] for code, pack in packs().items()
    ]
    return "\n\n".join([
        "# Kinds of boilerplate",
        "Every cut block has a kind. It stands in `removed.kind`, in `articles.removed_kinds`, in the report and in "
        "`winnow explain`, under the same name. `winnow kinds` lists them too.",
        _table(["kind", "what it is", "where its phrases may cut", "phrases in"], rows),
        "## Languages",
        "Phrases a language; `any` holds what needs no language.",
        _table(["code", "language", "phrases", "kinds"], tongues),
    ])  # fmt: skip


def options_page() -> str:
    """Commands with their options, and the keys of the configuration file."""
    parts = ["# Options", "What `--help` says, in one place."]
    for name, command in main.commands.items():
        context = click.Context(command, info_name=f"winnow {name}", max_content_width=100)
        parts += [f"## winnow {name}", f"```text\n{command.get_help(context)}\n```"]
    keys = [[f"`{entry.name}`", f"`{entry.default!r}`", entry.metadata["help"]] for entry in fields(Options)]
    parts += [
        "## Configuration file",
        "The keys of `winnow.toml` (of `[tool.winnow]` in `pyproject.toml`, of `--config FILE`, and of the parameter "
        "`options` in Prefect). What is given on the command line goes before.",
        _table(["key", "default", "what it does"], keys),
    ]
    return "\n\n".join(parts)


_ZONES = {
    "anywhere": "anywhere",
    "edges": "before and after the body",
    "head": "before the body",
    "tail": "after the body",
}


def _spoken(kind: Kind, spoken: Counter[str]) -> str:
    return f"{spoken[kind.name]} languages" if spoken[kind.name] else "needs none"


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
