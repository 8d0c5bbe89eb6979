"""Flows that look after a lake on a schedule: small files become large ones."""

# No `from __future__ import annotations`: a served flow is pickled, and Prefect then reads its annotations elsewhere.

from flows import environment

environment.prepare()

from prefect import flow  # noqa: E402 - Prefect reads its environment when it is imported


@flow(name="compaction", flow_run_name="compact {output}", persist_result=False)
def compaction(output: str) -> str:
    """Bring the small files of the lake `output` together, when no run holds it. What it did, in a sentence."""
    from flows.tidy import compact_lake

    return compact_lake(output)
