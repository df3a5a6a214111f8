//! Tests over the whole of Coldcase: one test binary, `tests/main.rs`, and `tables.py` for other programs' readers.
