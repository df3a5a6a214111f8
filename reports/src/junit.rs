//! Results of tests as JUnit XML, which every CI server shows.
//!
//! Shape: the `junit-10.xsd` of the Jenkins xUnit plugin. Left out: times, which would make two runs differ.

use std::io;

use askama::Template;

/// Tests that belong together: those of one pack.
#[derive(Debug, Clone, Default)]
pub struct TestSuite {
    /// Its name.
    pub name: String,
    /// The tests, in order.
    pub cases: Vec<TestCase>,
}

/// One test.
#[derive(Debug, Clone, Default)]
pub struct TestCase {
    /// What it is about: a rule.
    pub class: String,
    /// Which test of it.
    pub name: String,
    /// What is wrong; `None` where it passed.
    pub failure: Option<String>,
}

impl TestSuite {
    fn failures(&self) -> usize {
        self.cases.iter().filter(|case| case.failure.is_some()).count()
    }
}

#[derive(Template)]
#[template(
    ext = "xml",
    source = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
{%- for suite in suites %}
  <testsuite name="{{ self::valid(&suite.name) }}" tests="{{ suite.cases.len() }}" failures="{{ suite.failures() }}" errors="0">
  {%- for case in suite.cases %}
    <testcase classname="{{ self::valid(&case.class) }}" name="{{ self::valid(&case.name) }}"
    {%- match case.failure %}
    {%- when Some with (failure) %}><failure message="{{ self::valid(failure) }}"/></testcase>
    {%- when None %}/>
    {%- endmatch %}
  {%- endfor %}
  </testsuite>
{%- endfor %}
</testsuites>
"#
)]
struct Document<'s> {
    suites: &'s [TestSuite],
}

/// Writes the document that holds these suites.
pub fn junit(suites: &[TestSuite], out: &mut impl io::Write) -> io::Result<()> {
    Document { suites }.write_into(out)
}

/// The text without the characters that XML 1.0 (section 2.2) has no place for, not even escaped.
fn valid(text: &str) -> String {
    let has_no_place = |c: char| {
        (c.is_control() && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{FFFE}' | '\u{FFFF}')
    };
    text.chars().map(|c| if has_no_place(c) { '\u{FFFD}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_is_told_and_nothing_breaks_the_document() {
        let case = |failure: Option<&str>| TestCase {
            class: "dlp.a".into(),
            name: "match 1".into(),
            failure: failure.map(str::to_owned),
        };
        let suite = TestSuite { name: "p.yaml".into(), cases: vec![case(None), case(Some("<\"&\u{1}é>"))] };
        let mut text = Vec::new();
        junit(&[suite], &mut text).expect("a vector takes all");
        let text = String::from_utf8(text).expect("UTF-8");
        assert!(text.contains("tests=\"2\" failures=\"1\""), "{text}");
        assert!(text.contains("<testcase classname=\"dlp.a\" name=\"match 1\"/>"), "{text}");
        let failure = text.lines().find(|line| line.contains("<failure")).expect("there");
        assert!(failure.contains("&#60;&#34;&#38;\u{FFFD}é&#62;"), "{failure}");
    }
}
