"""The command `winnow sites`: what was learnt of a lake's hosts, and what the user says of their lines."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

import click

from cleaners.sites import LEAST_PAGES, Site, learnt, site_host
from flows.errors import ConfigError, LakeError
from flows.lake.ledger import read_ledger
from flows.lake.place import Lake, open_lake
from flows.logs import redact
from flows.sites_store import (
    Override,
    hashes,
    load_snapshot,
    read_memory,
    read_overrides,
    snapshot_path,
    write_overrides,
)


def hosts(output: str) -> None:
    """Every host that something is known of: pages, lines that they repeat, lines that the user spoke about."""
    lake = _lake(output)
    memory, overrides = read_memory(lake), read_overrides(lake)
    if not memory and not overrides:
        needed = f"it takes {LEAST_PAGES} pages of a host, with their addresses, in dumps that a run with --sites read"
        click.echo(f"{redact(output)}: nothing was learnt of any site yet; {needed}")
    for host in sorted({*memory, *overrides}):
        said = overrides.get(host, Override())
        pages = memory.get(host, ())
        repeated = len(learnt(pages).lines) if len(pages) >= LEAST_PAGES else 0
        told = len(said.keep) + len(said.cut)
        click.echo(f"{host}: {len(pages)} pages remembered, {repeated} lines repeated, {told} decided by hand")


def show(host: str, output: str) -> None:
    """What was learnt of one host: the lines that its pages repeat, the most frequent first."""
    lake = _lake(output)
    memory, overrides = read_memory(lake), read_overrides(lake)
    host = _known(host, {*memory, *overrides})
    site = learnt(memory.get(host, ()))
    texts = _texts(lake, host)
    said = overrides.get(host, Override())
    click.echo(f"{host}: {site.pages} pages remembered")
    for line, count in sorted(site.lines.items(), key=lambda item: (-item[1], texts.get(item[0], ""))):
        click.echo(f"{_mark(site, line, said)} {count / site.pages:>4.0%}  {texts.get(line, f'({line:016x})')}")
    for sort, lines in (("keep", said.keep), ("cut", said.cut)):
        for text in lines:
            click.echo(f"{sort:<7} by hand  {text}")


def override(host: str, output: str, keep: Sequence[str], cut: Sequence[str], forget: Sequence[str]) -> None:
    """Keep or cut lines of a host whatever its pages repeat; `forget` takes that back. Counts from the next run on.

    Raises ConfigError for a line of nothing, and for one that is to be kept and cut.
    """
    lake = _lake(output)
    if not all(hashes([line]) for line in (*keep, *cut)):
        raise ConfigError("a line to keep or to cut must hold a word")
    if both := hashes(keep) & hashes(cut):
        raise ConfigError(f"{next(line for line in keep if hashes([line]) & both)!r} cannot be kept and cut")
    overrides = read_overrides(lake)
    host = site_host(f"https://{host}") or host
    said = overrides.get(host, Override())
    gone = hashes([*keep, *cut, *forget])
    old_keep, old_cut = ([line for line in lines if not hashes([line]) & gone] for lines in (said.keep, said.cut))
    overrides[host] = Override((*old_keep, *keep), (*old_cut, *cut))
    write_overrides(lake, overrides)
    click.echo(
        f"{host}: {len(overrides[host].keep)} lines to keep, {len(overrides[host].cut)} to cut, from the next run on"
    )


def _mark(site: Site, line: int, said: Override) -> str:
    return "keep   " if line in hashes(said.keep) else "cut    " if line in hashes(said.cut) else "repeats"


def _known(host: str, known: set[str]) -> str:
    found = site_host(f"https://{host}") or host
    if found not in known:
        near = difflib.get_close_matches(found, known, 1)
        hint = (
            f"did you mean {near[0]}?" if near else "winnow sites without a host lists those that something is known of"
        )
        raise ConfigError(f"nothing is known of {host}: {hint if known else 'no site was learnt yet'}")
    return found


def _texts(lake: Lake, host: str) -> dict[int, str]:
    """What lines of a host look like, from the snapshots of the lake."""
    paths = {str(snapshot_path(lake, path.stem)) for path in lake.sites.glob("*.json") if len(path.stem) == 16}
    found = (load_snapshot(path).texts for path in sorted(paths))
    return {line: text for texts in found for (said_by, line), text in texts.items() if said_by == host}


def _lake(output: str) -> Lake:
    lake = open_lake(output)
    if not read_ledger(lake):
        raise LakeError(f"{output} holds nothing yet: run winnow ingest first")
    return lake
