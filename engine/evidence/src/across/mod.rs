//! What ties runs together: chain links, recovery seals, groups of receipts.
