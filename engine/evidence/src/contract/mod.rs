//! Evidence receipts, version 2, and the rosters of keys that they are signed under.
