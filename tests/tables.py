"""Opens the tables of the demo's report in DuckDB and pyarrow, and holds their counts against the other outputs.

Usage: python tests/tables.py [path of the coldcase binary]
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import duckdb
import pyarrow.parquet as parquet

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Those that a scan always writes; others are opened too.
TABLES = {"inputs", "events", "findings", "verdicts", "coverage", "anomalies", "chains", "runs"}


def binary() -> pathlib.Path:
    """The binary named on the command line, else a release build, else a debug build."""
    named = [pathlib.Path(sys.argv[1])] if len(sys.argv) > 1 else []
    built = [ROOT / "target" / profile / "coldcase" for profile in ("release", "debug")]
    for path in named + built:
        if path.is_file():
            return path.resolve()
    sys.exit("no coldcase binary: build it, or name it")


def agree(what: str, *values: object) -> None:
    """Ends the program unless all values are equal."""
    if any(value != values[0] for value in values):
        sys.exit(f"{what} disagree: {values}")


def check(report: pathlib.Path) -> None:
    """Opens every table both ways and compares counts."""
    findings = [json.loads(line) for line in (report / "findings.jsonl").read_text("utf-8").splitlines()]
    manifest = json.loads((report / "manifest.json").read_text("utf-8"))
    paths = sorted((report / "tables").glob("*.parquet"))
    missing = TABLES - {path.stem for path in paths}
    if missing:
        sys.exit(f"tables are missing: {sorted(missing)}")
    listed = {entry["path"] for entry in manifest["outputs"]}
    rows = {}
    base = duckdb.connect()
    for path in paths:
        table = parquet.read_table(path)
        table.validate(full=True)
        base.execute(f"create view {path.stem} as select * from read_parquet('{path}')")
        columns = [row[0] for row in base.execute(f"describe {path.stem}").fetchall()]
        agree(f"columns of {path.stem}", columns, table.column_names)
        counted = base.execute(f"select count(*) from {path.stem}").fetchone()[0]
        agree(f"rows of {path.stem}", counted, table.num_rows)
        rows[path.stem] = counted
        if f"tables/{path.name}" not in listed:
            sys.exit(f"the manifest does not name {path.name}")
        print(f"{path.stem:<12}{counted:>8} rows{len(columns):>6} columns")

    def one(query: str) -> object:
        return base.execute(query).fetchone()[0]

    agree("findings", rows["findings"], len(findings))
    agree("inputs", rows["inputs"], len(manifest["inputs"]))
    agree("verdicts", rows["verdicts"], rows["events"])
    agree("events of inputs", one("select sum(events)::bigint from inputs"), rows["events"])
    agree("anomalies of inputs", one("select sum(anomalies)::bigint from inputs"), rows["anomalies"])
    agree("sizes", one("select sum(stored_bytes)::bigint from inputs"), sum(entry["bytes"] for entry in manifest["inputs"]))
    statuses = dict(base.execute("select status, count(*) from chains group by status").fetchall())
    agree("audit logs by status", statuses, manifest["totals"]["chains_by_status"])
    agree("audit logs of the demo", statuses, {"intact": 1})
    agree("entries of audit logs", one("select sum(entries)::bigint from chains"),
          one("select sum(records)::bigint from inputs where format = 'flight_recorder'"))
    uneven = one(
        "select count(*) from chains where len(keys) != len(key_last_seqs) or len(keys) != len(key_first_seqs)"
        " or len(break_reasons) != len(break_seqs) or len(break_reasons) != len(break_files)"
        " or len(break_reasons) != len(break_lines) or len(stretch_first_seqs) != len(stretch_last_seqs)"
        " or len(stretch_first_seqs) != len(stretch_authenticated_through_seqs)"
    )
    agree("audit logs whose lists do not stand side by side", uneven, 0)
    by_rule = dict(base.execute("select rule, count(*) from findings group by rule").fetchall())
    for rule, count in by_rule.items():
        agree(f"findings of {rule}", count, sum(finding["rule"] == rule for finding in findings))
    orphans = one("select count(*) from findings f anti join events e on f.artifact = e.artifact and f.event = e.event")
    agree("findings without an event", orphans, 0)
    unequal = one(
        "select count(*) from (select artifact, sum(bytes) as booked from coverage where space = 'stored' group by artifact)"
        " c join inputs i using (artifact) where c.booked != i.stored_bytes"
    )
    agree("inputs whose ledger does not add up", unequal, 0)
    if not findings:
        sys.exit("the demo has no findings")


def main() -> None:
    """Runs the demo and checks its report."""
    with tempfile.TemporaryDirectory() as folder:
        demo = pathlib.Path(folder) / "demo"
        subprocess.run([binary(), "demo", demo], check=True, stdout=subprocess.DEVNULL)
        check(demo / "report")
    print("the tables agree with findings.jsonl and the manifest")


if __name__ == "__main__":
    main()
