//! Agent audit trails: canonical JSON records with links and signatures.
