//! Prints `docs/TABLES.md`: run `cargo run -p coldcase-reports --example tables > docs/TABLES.md`.

use std::io::{self, Write as _};

fn main() -> io::Result<()> {
    io::stdout().write_all(coldcase_reports::tables_markdown().as_bytes())
}
