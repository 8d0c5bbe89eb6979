"""What stays for the life of the process is made once, and no concern of the garbage collector."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from cleaners.lasting import lasting


@pytest.fixture(autouse=True)
def _thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_it_is_made_once_for_each_argument() -> None:
    made: list[int] = []

    @lasting
    def squares(count: int) -> list[int]:
        made.append(count)
        return [number * number for number in range(count)]

    assert squares(3) is squares(3)
    assert squares(4) == [0, 1, 4, 9]
    assert made == [3, 4]


def test_the_collector_passes_over_it_and_over_no_garbage() -> None:
    @lasting
    def rules() -> list[list[str]]:
        return [["a rule"] for _ in range(5000)]

    class Ring:
        gone = False

        def __del__(self) -> None:
            Ring.gone = True

    ring = Ring()
    ring.__dict__["self"] = ring
    del ring
    rules()
    assert Ring.gone
    assert not any(each is rule for rule in rules()[:5] for each in gc.get_objects())


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_is_left_as_it_was(enabled: bool) -> None:
    @lasting
    def fails() -> None:
        assert not gc.isenabled()
        raise ValueError

    before = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        with pytest.raises(ValueError):
            fails()
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()
