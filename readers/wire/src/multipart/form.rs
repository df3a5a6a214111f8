//! Fields of `application/x-www-form-urlencoded` (URL standard section 5.1).

/// One field, as spans of the body; nothing is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The name, which may be empty.
    pub name: (usize, usize),
    /// The value; `None` where there is no equals sign.
    pub value: Option<(usize, usize)>,
}

/// The fields of a body, or of a query without its question mark, in order; empty ones are passed over.
pub fn fields(body: &[u8]) -> impl Iterator<Item = Field> {
    let mut at = 0;
    body.split(|byte| *byte == b'&').filter_map(move |field| {
        let (start, end) = (at, at + field.len());
        at = end + 1;
        let equals = memchr::memchr(b'=', field);
        let name = (start, equals.map_or(end, |equals| start + equals));
        let value = equals.map(|equals| (start + equals + 1, end));
        (start < end).then_some(Field { name, value })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(body: &str) -> Vec<(&str, Option<&str>)> {
        let text = |(start, end)| body.get(start..end).expect("a span of the body");
        fields(body.as_bytes()).map(|field| (text(field.name), field.value.map(text))).collect()
    }

    #[test]
    fn names_and_values_are_spans() {
        let body = "user=bob&note=a+%3D=b&&=x&flag&last=";
        let wanted = [
            ("user", Some("bob")),
            ("note", Some("a+%3D=b")),
            ("", Some("x")),
            ("flag", None),
            ("last", Some("")),
        ];
        assert_eq!(texts(body), wanted);
        assert!(texts("").is_empty() && texts("&&").is_empty());
    }
}
