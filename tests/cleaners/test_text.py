"""Text dumps: cut into lines that tile the dump, and put together as paragraphs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaners.assemble import assemble
from cleaners.document import Verdict
from cleaners.text import split

DUMPS = st.lists(
    st.sampled_from(["Word", " two words.", "\n", "\n\n", "\r\n", "\t", " ", "\u2028", "\x85", "é", "字"])
).map("".join)


@given(DUMPS)
def test_blocks_joined_give_the_dump_back(dump: str) -> None:
    page = split(dump)
    assert "".join(block.text for block in page.blocks) == dump
    assert all(page.text[block.start : block.end] == block.text for block in page.blocks)


@given(DUMPS, st.randoms(use_true_random=False))
def test_spans_find_every_kept_block_in_the_text(dump: str, random: object) -> None:
    page = split(dump)
    verdicts = [Verdict(block.index, random.random() < 0.7) for block in page.blocks]  # type: ignore[attr-defined]
    text, spans = assemble(page, verdicts)
    assert [span.block for span in spans] == [verdict.block for verdict in verdicts if verdict.keep]
    for span in spans:
        shown = page.text[span.start + span.lead : span.end - span.trail]
        assert text[span.text_start : span.text_start + len(shown)] == shown
        assert shown == shown.strip()


LONG = "The council voted on Tuesday to rebuild the old bridge over the river by spring."
LAYOUTS = {
    "blank lines between paragraphs": (f"{LONG}\n\n{LONG}", f"{LONG}\n\n{LONG}"),
    "a line a paragraph": (f"{LONG}\n{LONG}\n{LONG}", f"{LONG}\n\n{LONG}\n\n{LONG}"),
    "short lines that stood together": (f"{LONG}\n\n- bread\n- salt", f"{LONG}\n\n- bread\n- salt"),
    "sentence broken at a link": (
        "The council met\nin the old hall\n, and voted.",
        "The council met in the old hall, and voted.",
    ),
    "indented": (f"   {LONG}\n\n\t{LONG}  \n", f"{LONG}\n\n{LONG}"),
    "hard wrapped": (
        "The council voted on Tuesday to rebuild\nthe old bridge over the river that was\n"
        "swept away by the flood of last spring,\nand asked the province to pay a third of\nit.\n\nNow it starts.",
        "The council voted on Tuesday to rebuild the old bridge over the river that was "
        "swept away by the flood of last spring, and asked the province to pay a third of it.\n\nNow it starts.",
    ),
    "hard wrapped Chinese": (
        "\n".join(["市议会星期二投票决定重建河上的老桥这座桥在去年春天的洪水中被冲走"] * 5) + "。",
        "市议会星期二投票决定重建河上的老桥这座桥在去年春天的洪水中被冲走" * 5 + "。",
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_paragraphs(name: str) -> None:
    dump, wanted = LAYOUTS[name]
    page = split(dump)
    assert assemble(page, [Verdict(block.index, True) for block in page.blocks])[0] == wanted


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_text_put_together_is_not_put_together_again(name: str) -> None:
    text = LAYOUTS[name][1]
    page = split(f"Title\n\n{text}")
    again = assemble(page, [Verdict(block.index, block.index > 0) for block in page.blocks])[0]
    assert again == text
