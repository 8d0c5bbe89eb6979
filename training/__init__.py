"""How the scorer's weights are made: `python -m training` (`make train`). Not installed."""
