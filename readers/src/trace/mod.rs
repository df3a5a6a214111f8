//! Traces of programs that call models: OpenTelemetry spans and log records, and the runs of tracing services.
//!
//! `sniff` recognises them, `otel` and `runs` walk their records, `attributes` reads values in the spelling of OTLP,
//! `meaning` says what an attribute's name means, `numbered` puts messages together that are spread over attributes, `unit`
//! makes the events of a span or run. What is said inside of values is found by the shapes of `agent`.
//!
//! OTLP in protobuf is not read.

mod attributes;
mod meaning;
mod numbered;
mod otel;
mod runs;
mod sniff;
mod unit;

pub(crate) use otel::OtelReader;
pub(crate) use runs::RunsReader;
pub use sniff::{Service, TraceLayout};
pub(crate) use sniff::{of_lines, of_start};
