"""The way of one record, on one screen."""
