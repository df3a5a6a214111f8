//! Benches of Coldcase, with dated records in `record/`. The library itself is empty: benches stand in `benches/`.
