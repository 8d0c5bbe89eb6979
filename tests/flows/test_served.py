"""Who serves a schedule and who is told of its runs, on a real Prefect server."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.alerts import AUTOMATION, ensure_automation
from flows.errors import ConfigError
from flows.schedule import check_name
from flows.served import check_free, mark, serves
from tests.flows.homes import prefect_api


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, new_home: Callable[[Path], Path]) -> Iterator[Any]:
    """What asks a Prefect server of its own."""
    from prefect.client.orchestration import get_client
    from prefect.settings import PREFECT_API_URL, temporary_settings

    home = new_home(tmp_path_factory.mktemp("here") / "prefect")
    with (
        prefect_api(home, whole=True) as server,
        temporary_settings({PREFECT_API_URL: server.url}),
        get_client(sync_client=True) as found,
    ):
        yield found


@pytest.fixture
def another() -> Iterator[int]:
    """A process that looks as `winnow serve` does."""
    call = [sys.executable, "-c", "import time; print(flush=True); time.sleep(600)", "serve"]
    process = subprocess.Popen(call, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()  # it is what it was asked to be
    yield process.pid
    process.kill()
    process.communicate()


@pytest.mark.parametrize("name", ["", "  ", "a/b", "50%", "a&b", "<x>"])
def test_names_that_prefect_takes_for_none_are_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="--name takes a word"):
        check_name(name)


def test_only_a_command_that_serves_is_taken_for_one(another: int) -> None:
    assert serves(another)
    ended = subprocess.Popen([sys.executable, "-c", "", "serve"])
    ended.wait()
    assert not serves(ended.pid)
    assert not serves(os.getpid()), "a number that was given to another program since"


@pytest.mark.slow
def test_a_name_is_served_once_on_a_machine(
    client: Any, another: int, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    flow = client.create_flow_from_name("ingest")
    here = socket.gethostname()

    def served_by(name: str, description: str | None) -> str:
        client.create_deployment(flow, name, description=description)
        check_free("ingest", name)
        return capsys.readouterr().err

    check_free("ingest", "never-served")
    for about in (None, "of another program", mark(), f"Served by process {os.getppid()} of {here}."):
        assert served_by("free", about) == ""
    with pytest.raises(ConfigError, match=f"process {another} serves the schedule held already"):
        served_by("held", f"Cleans a into b. Served by process {another} of {here}.")
    assert served_by("far", f"Served by process {another} of elsewhere.") == "", "it asked for no work lately"
    far = client.read_deployment_by_name("ingest/far")
    client.get_scheduled_flow_runs_for_deployments([far.id])
    assert "elsewhere serves the schedule far on the same Prefect server" in served_by("far", far.description)


@pytest.mark.slow
def test_whoever_asks_to_be_told_is_told_also_where_nobody_was_before(client: Any) -> None:
    from prefect.client.schemas.actions import BlockDocumentCreate
    from prefect.events.actions import DoNothing, SendNotification

    def actions() -> list[Any]:
        (found,) = client.read_automations_by_name(AUTOMATION)
        return list(found.actions)

    ensure_automation(None)
    assert actions() == [DoNothing()]
    with pytest.raises(ConfigError, match="no block 'slack-webhook/ops'"):
        ensure_automation("slack-webhook/ops")
    (kind,) = [found for found in client.read_block_types() if found.slug == "slack-webhook"]
    schema = client.get_most_recent_block_schema_for_block_type(kind.id)
    block = client.create_block_document(
        BlockDocumentCreate(
            name="ops", data={"url": "http://127.0.0.1:9/"}, block_type_id=kind.id, block_schema_id=schema.id
        )
    )
    ensure_automation("slack-webhook/ops")
    (told,) = actions()
    assert isinstance(told, SendNotification)
    assert told.block_document_id == block.id
    ensure_automation(None)
    assert actions() == [told]
