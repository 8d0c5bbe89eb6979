"""The command line. Each command imports what it needs when it runs: `winnow clean` starts in about a second."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from cleaners.errors import RecordError, WinnowError
from flows.config import DEDUP, RUNNERS, about, load
from flows.errors import ConfigError
from flows.logs import LOG_FORMATS, redact

Command = TypeVar("Command", bound=Callable[..., Any])


class _Commands(click.Group):
    """A group whose commands are listed in the order of the work, and whose errors are said in a line."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except WinnowError as error:
            reason = f"{error.reason}: " if isinstance(error, RecordError) else ""
            click.echo(f"winnow: {reason}{redact(str(error))}", err=True)
            raise SystemExit(getattr(error, "exit_code", 1)) from error
        except OSError as error:
            if error.errno == errno.EPIPE:  # whoever read the output has enough; click ends quietly
                raise
            named = f"{error.filename}: " if error.filename else ""
            click.echo(f"winnow: {redact(named + str(error.strerror or error))}", err=True)
            raise SystemExit(1) from error
        except KeyboardInterrupt:
            raise SystemExit(130) from None


def _examples(*lines: str) -> str:
    """The end of a help text: commands to copy."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def _setting(name: str, *flags: str, **more: Any) -> Callable[[Command], Command]:
    """An option that stands in Options too: its meaning is said there, once."""
    flags = flags or (f"--{name.replace('_', '-')}",)
    return click.option(*flags, name, help=about(name), default=None, **more)


def _comma_list(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(part.strip() for part in value.split(",") if part.strip())


def _comma_lists(context: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...] | None:
    """An option that may stand several times, or once with commas."""
    return _comma_list(context, parameter, ",".join(value)) if value else None


def _given(context: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...] | None:
    """An option that may stand several times; none of it is not given."""
    return value or None


def _lake() -> str:
    """The lake of a command that names none: that of the configuration file of the working directory, if there is one.

    Raises ConfigError as `load` does.
    """
    return load(None, {}).output


def _run_settings(command: Command) -> Command:
    """What a run may be told, now or on a schedule."""
    for setting in reversed(_RUN_SETTINGS):
        command = setting(command)
    return command


_RUN_SETTINGS: tuple[Callable[[Any], Any], ...] = (
    _setting("output", "--output", "-o", metavar="DIR"),
    _setting("workers", "--workers", "-w", type=int, metavar="N"),
    click.option("--config", "config", type=click.Path(path_type=Path), metavar="FILE", help="TOML file with options."),
    _setting("format", metavar="F"),
    _setting("limit", type=int, metavar="N"),
    _setting("removed", type=click.Choice(["full", "counts", "none"])),
    _setting("languages", callback=_comma_list, metavar="CODES"),
    _setting("dedup", type=click.Choice(DEDUP)),
    _setting("redact", callback=_comma_list, metavar="KINDS"),
    click.option("--sites/--no-sites", "sites", default=None, help=about("sites")),
    _setting("filter", metavar="EXPRESSION"),
    _setting("profile", metavar="NAME"),
    click.option("--report/--no-report", "report", default=None, help=about("report")),
    _setting("table", multiple=True, callback=_comma_lists, metavar="FORMAT"),
    _setting("iceberg_catalog", metavar="NAME"),
    _setting("iceberg_namespace", metavar="NAME"),
    _setting("wait", is_flag=True),
    _setting("fail_if", metavar="EXPRESSION"),
    _setting("metrics", metavar="FILE"),
    _setting("reprocess", is_flag=True),
    _setting("storage", multiple=True, callback=_given, metavar="KEY=VALUE"),
    _setting("runner", type=click.Choice(RUNNERS)),
    _setting("dask_address", metavar="ADDRESS"),
)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_examples("winnow clean page.html", "winnow ingest dumps/ --output lake", "winnow status lake"),
)
@click.version_option(package_name="newswinnow", prog_name="winnow")
def main() -> None:
    """Turn raw scraped news dumps into clean Parquet, with an account of every line that was cut."""


@main.command(epilog=_examples("winnow clean page.html", "curl -s URL | winnow clean - --url URL --json"))
@click.argument("file", type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True, help="Write the whole document as JSON instead of title and text.")
@click.option("--url", help="Address the page came from.")
def clean(file: Any, as_json: bool, url: str | None) -> None:
    """Clean one document, FILE or - for stdin, and write it to stdout."""
    from flows import one

    click.echo(one.clean(file.read(), url, as_json), nl=False)


@main.command(epilog=_examples("winnow explain page.html", "winnow explain dump.txt | less"))
@click.argument("file", type=click.File("rb"))
@click.option("--url", help="Address the page came from.")
def explain(file: Any, url: str | None) -> None:
    """Show one document with every cut line struck through, its kind and its reason beside it."""
    from flows import one

    click.echo(one.explain(file.read(), url, colour=sys.stdout.isatty()), nl=False)


@main.command(
    epilog=_examples(
        "winnow ingest dumps/ --output lake",
        "winnow ingest 'crawl/*.warc.gz' pages.jsonl --output lake --workers 8 --languages en,fr",
        "winnow ingest export.txt --format jsonl --limit 1000 --dry-run",
    )
)
@click.argument("inputs", nargs=-1)
@_run_settings
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@_setting("log_format", type=click.Choice(LOG_FORMATS))
def ingest(inputs: tuple[str, ...], config: Path | None, dry_run: bool, **given: Any) -> None:
    """Clean every dump of INPUT... (files, folders, globs) into a lake of Parquet files.

    Running it again does only what is new. Exit codes: 0 done, 1 some shards failed or --fail-if holds, 2 wrong use,
    3 the lake is held by another run, 4 records do not add up, 130 and 143 stopped by a signal.
    """
    from flows import run

    options = run.options(config, {"inputs": inputs or None, **given})
    if dry_run:
        run.show_plan(options)
        return
    raise SystemExit(run.ingest(options))


@main.command(epilog=_examples("winnow kinds", "winnow kinds --languages"))
@click.option("--languages", is_flag=True, help="Show what each language covers as well.")
def kinds(languages: bool) -> None:
    """List every kind of boilerplate: what it is, in how many languages its phrases are known."""
    from flows import show

    show.kinds(languages)


@main.command(epilog=_examples("winnow status", "winnow status lake --json"))
@click.argument("output", default=_lake)
@click.option("--json", "as_json", is_flag=True, help="Write it as JSON.")
def status(output: str, as_json: bool) -> None:
    """Show what the lake OUTPUT holds: dumps, shards done, pending, failed and stale, quarantine, lock."""
    from flows import show

    show.status(output, as_json)


@main.command(epilog=_examples("winnow verify", "winnow verify lake"))
@click.argument("output", default=_lake)
def verify(output: str) -> None:
    """Check that the lake OUTPUT is whole: files, digests, sums, ids, and that every page can be rebuilt.

    Exit code 4 where it is not, 3 where another run writes and it cannot be told.
    """
    from flows import show

    raise SystemExit(show.verify(output))


@main.command(epilog=_examples("winnow retry --output lake", "winnow retry dumps/ -o lake --reasons timeout,memory"))
@click.argument("inputs", nargs=-1)
@_setting("output", "--output", "-o", metavar="DIR")
@_setting("workers", "--workers", "-w", type=int, metavar="N")
@click.option("--config", "config", type=click.Path(path_type=Path), metavar="FILE", help="TOML file with options.")
@_setting("reasons", callback=_comma_list, metavar="CODES")
@_setting("wait", is_flag=True)
@_setting("log_format", type=click.Choice(LOG_FORMATS))
def retry(inputs: tuple[str, ...], config: Path | None, **given: Any) -> None:
    """Take the quarantine again, after an upgrade say: the shards that hold it are cleaned anew and replaced.

    INPUT... is where the dumps lie; without it, where the last run found them. The options of the last run hold.
    """
    from flows import run

    raise SystemExit(run.retry(config, {"inputs": inputs or None, **given}))


@main.command(
    epilog=_examples(
        "winnow serve inbox/ --output lake --every 15m",
        'winnow serve inbox/ --output lake --cron "0 3 * * *" --name nightly --fail-if "quarantine_rate > 0.05"',
    )
)
@click.argument("inputs", nargs=-1)
@click.option("--cron", metavar="LINE", help="When to run, as a cron line.")
@click.option("--every", metavar="TIME", help="How often to run: 30s, 15m, 6h, 1d.")
@click.option(
    "--name",
    default="winnow",
    show_default=True,
    help="Name of the deployment in Prefect; each schedule needs its own.",
)
@click.option("--notify", metavar="TYPE/NAME", help="Notification block of Prefect that is told of unusual runs.")
@_run_settings
def serve(
    inputs: tuple[str, ...],
    cron: str | None,
    every: str | None,
    name: str,
    notify: str | None,
    config: Path | None,
    **given: Any,
) -> None:
    """Clean what is new under INPUT... again and again, on a schedule.

    Prefect shows the runs: the server that PREFECT_API_URL names, or one started beside. Two runs never overlap.
    """
    from flows import run, schedule

    schedule.serve(run.options(config, {"inputs": inputs or None, **given}), schedule.when(cron, every), name, notify)


@main.command(epilog=_examples("winnow report", "winnow report lake --run 20260101T030000-1a2b3c"))
@click.argument("output", default=_lake)
@click.option("--run", help="Which run; the last that brought records where it is not given.")
def report(output: str, run: str | None) -> None:
    """Write the page of a run of the lake OUTPUT anew, and say where it is.

    Each run that brings records leaves its page by itself, in OUTPUT/report.
    """
    from flows import show

    show.report(output, run)


@main.command(epilog=_examples("winnow cases winnow-cases-20260101T030000-1a2b3c.toml"))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def cases(file: Path) -> None:
    """Run lines that were marked in a report's review against the rules: which of the cases hold?

    Exit code 1 where some do not.
    """
    from flows import show

    raise SystemExit(show.cases(file))


@main.command(epilog=_examples("winnow compact lake", "winnow compact s3://news/lake --target-mb 512"))
@click.argument("output", default=_lake)
@click.option("--target-mb", type=float, default=256.0, show_default=True, help="How large files become, in MB.")
@click.option("--grace-minutes", type=float, help="How long old files stay; 60 where the lake has tables, else 0.")
@_setting("wait", is_flag=True)
def compact(output: str, target_mb: float, grace_minutes: float | None, wait: bool | None) -> None:
    """Bring small files of each partition of the lake OUTPUT together; its ledger and its tables follow.

    Rows stay what they are. A second call finds nothing to do; one that was interrupted is gone on with by the next.
    """
    from flows import tidy

    click.echo(tidy.compacted(output, tidy.compact(output, target_mb, grace_minutes, wait=bool(wait))))


@main.command(
    epilog=_examples(
        "winnow forget https://news.example/story lake",
        "winnow forget 0123456789abcdef0123456789abcdef lake",
        "winnow forget --list takedowns.txt lake",
    )
)
@click.argument("documents", nargs=-1, metavar="[URL|ID]...")
@click.argument("output")
@click.option(
    "--list", "file", type=click.Path(path_type=Path), metavar="FILE", help="Take more from a file, one a line."
)
@_setting("wait", is_flag=True)
def forget(documents: tuple[str, ...], output: str, file: Path | None, wait: bool | None) -> None:
    """Remove documents from every table of the lake OUTPUT, for good.

    URL is the address of a document or its canonical address, ID its id. What is the same text or payload goes with it,
    and all of it is left out when its dumps are cleaned again.
    """
    from flows import tidy

    asked = [*documents, *(tidy.listed(file) if file else ())]
    if not asked:
        raise ConfigError("name the documents, by address or id, and then the lake: winnow forget URL LAKE")
    click.echo(redact(tidy.forgotten(tidy.take_down(asked, output, wait=bool(wait)))))


@main.command(epilog=_examples("winnow tables lake --table delta", "winnow tables lake"))
@click.argument("output", default=_lake)
@_setting("table", multiple=True, callback=_comma_lists, metavar="FORMAT")
@_setting("iceberg_catalog", metavar="NAME")
@_setting("iceberg_namespace", metavar="NAME")
@_setting("wait", is_flag=True)
def tables(output: str, table: tuple[str, ...] | None, wait: bool | None, **given: Any) -> None:
    """Make Delta or Iceberg tables of the lake OUTPUT, or bring those it has up to date.

    From then on every command that changes the lake keeps them up to date.
    """
    from flows import tidy

    found, changed = tidy.publish(
        output, table or (), given["iceberg_catalog"], given["iceberg_namespace"], wait=bool(wait)
    )
    click.echo(tidy.told(output, found, changed))


@main.command(epilog=_examples("winnow views lake > views.sql", "winnow views lake | duckdb news.db"))
@click.argument("output", default=_lake)
def views(output: str) -> None:
    """Write SQL for DuckDB: a view of each table of the lake OUTPUT, and `latest`, the newest row of each address."""
    from flows import tidy

    click.echo(tidy.views(output), nl=False)


@main.command(
    epilog=_examples(
        "winnow sites --output lake",
        "winnow sites news.example --output lake",
        "winnow sites news.example --cut 'Printed where the river bends' --output lake",
    )
)
@click.argument("host", required=False)
@_setting("output", "--output", "-o", metavar="DIR")
@click.option("--keep", multiple=True, metavar="LINE", help="Never cut this line for being repeated.")
@click.option("--cut", multiple=True, metavar="LINE", help="Always cut this line.")
@click.option("--forget", multiple=True, metavar="LINE", help="Take back what was said of this line.")
def sites(
    host: str | None, output: str | None, keep: tuple[str, ...], cut: tuple[str, ...], forget: tuple[str, ...]
) -> None:
    """Show what the lake has learnt of HOST: lines that its pages repeat. Without HOST, the hosts it knows."""
    from flows import sites_show

    place = output or _lake()
    if host is None:
        if keep or cut or forget:
            raise click.UsageError("name the HOST whose lines these are")
        sites_show.hosts(place)
    elif keep or cut or forget:
        sites_show.override(host, place, keep, cut, forget)
    else:
        sites_show.show(host, place)


@main.command(epilog=_examples("winnow schema", "winnow schema articles"))
@click.argument(
    "table",
    required=False,
    type=click.Choice(["articles", "removed", "duplicates", "filtered", "quarantine", "clusters"]),
)
@click.option("--markdown", is_flag=True, help="Write all of it as Markdown.")
def schema(table: str | None, markdown: bool) -> None:
    """List the columns of the lake's tables: name, type, meaning."""
    from flows import show

    show.schema(table, markdown)


if __name__ == "__main__":
    main()
