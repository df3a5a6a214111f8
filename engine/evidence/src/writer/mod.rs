//! Writes flight-recorder logs that every reader of the format accepts.
