"""What stays for the life of the process is made once, while the garbage collector rests."""

from __future__ import annotations

import gc

import pytest

from cleaners.lasting import lasting


def test_it_is_made_once_for_each_argument() -> None:
    made: list[int] = []

    @lasting
    def squares(count: int) -> list[int]:
        made.append(count)
        return [number * number for number in range(count)]

    assert squares(3) is squares(3)
    assert squares(4) == [0, 1, 4, 9]
    assert made == [3, 4]


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
