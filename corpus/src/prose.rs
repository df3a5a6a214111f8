//! What agents read and write all day, in made-up words: prose, code, pages, data, pictures.

use crate::Prng;

const WORDS: [&str; 98] = [
    "the",
    "a",
    "of",
    "and",
    "to",
    "in",
    "is",
    "that",
    "for",
    "with",
    "this",
    "as",
    "are",
    "be",
    "on",
    "we",
    "can",
    "function",
    "value",
    "module",
    "test",
    "file",
    "build",
    "error",
    "change",
    "request",
    "response",
    "server",
    "client",
    "index",
    "table",
    "column",
    "query",
    "result",
    "message",
    "event",
    "stream",
    "buffer",
    "parser",
    "returns",
    "reads",
    "writes",
    "checks",
    "handles",
    "updates",
    "removes",
    "adds",
    "looks",
    "fails",
    "passes",
    "first",
    "second",
    "next",
    "last",
    "same",
    "other",
    "small",
    "large",
    "empty",
    "whole",
    "missing",
    "correct",
    "because",
    "when",
    "where",
    "which",
    "while",
    "after",
    "before",
    "then",
    "also",
    "only",
    "still",
    "between",
    "configuration",
    "documentation",
    "implementation",
    "dependency",
    "version",
    "release",
    "branch",
    "commit",
    "weather",
    "invoice",
    "customer",
    "meeting",
    "calendar",
    "summary",
    "report",
    "ticket",
    "comment",
    "review",
    "pagination",
    "timeout",
    "retry",
    "cache",
    "metric",
    "dashboard",
];

const OTHER_SCRIPTS: [&str; 12] = [
    "naïve café",
    "Größe geändert",
    "déjà vu",
    "次のファイル",
    "配置文件",
    "Проверка пройдена",
    "αποτέλεσμα",
    "“quoted”",
    "— note",
    "✅ done",
    "🚀 release",
    "한국어 문서",
];

const CODE: [&str; 8] = [
    "fn main() {\n    let rows: Vec<_> = read(\"data.csv\")?.collect();\n    println!(\"{} rows\", rows.len());\n}\n",
    "def load(path):\n    with open(path, \"rb\") as handle:\n        return json.load(handle)\n",
    "const rows = await db.all(\"SELECT id, name FROM users WHERE active = ?\", [true]);\n",
    "if err != nil {\n\treturn fmt.Errorf(\"read %s: %w\", path, err)\n}\n",
    "export default function App() {\n  return <div className=\"panel\">{items.map(i => <Row key={i.id} {...i} />)}</div>;\n}\n",
    "#!/bin/sh\nset -eu\nfor f in src/*.c; do cc -O2 -c \"$f\" -o \"build/$(basename \"$f\" .c).o\"; done\n",
    "@media (max-width: 40em) {\n  .grid > li { flex: 1 1 100%; margin: 0 0 .5rem }\n}\n",
    "diff --git a/lib/a.py b/lib/a.py\n@@ -10,7 +10,7 @@ class Reader:\n-    limit = 10\n+    limit = 20\n",
];

/// A sentence or many, of about `bytes` bytes.
pub(crate) fn prose(prng: &mut Prng, bytes: usize) -> String {
    let mut out = String::with_capacity(bytes + 32);
    let other = prng.chance(25);
    while out.len() < bytes {
        let words = prng.between(5, 16);
        for place in 0..words {
            let word = prng.pick(&WORDS);
            match word.chars().next().filter(|_| place == 0) {
                Some(first) => {
                    out.extend(first.to_uppercase());
                    out.push_str(word.trim_start_matches(first));
                }
                None => {
                    out.push(' ');
                    out.push_str(word);
                }
            }
        }
        if other {
            out.push(' ');
            out.push_str(prng.pick(&OTHER_SCRIPTS));
        }
        out.push_str(prng.pick(&[". ", ". ", ", see below. ", ".\n", ".\n\n", ": "]));
    }
    out
}

/// Prose with code between, as a model answers or a tool returns it.
pub(crate) fn answer(prng: &mut Prng, bytes: usize) -> String {
    let mut out = String::with_capacity(bytes + 512);
    while out.len() < bytes {
        let part = prng.between(80, 600).min(bytes.max(1));
        out.push_str(&prose(prng, part));
        if prng.chance(60) {
            out.push_str("\n```\n");
            out.push_str(prng.pick(&CODE));
            out.push_str("```\n");
        }
        if prng.chance(20) {
            out.push_str(&format!("\n- `{}`: \"{}\"\n\t* {}\n", word(prng), word(prng), word(prng)));
        }
    }
    out
}

/// A page of HTML with a script and a style.
pub(crate) fn page(prng: &mut Prng, bytes: usize) -> String {
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title>\n<style>{}</style>\n\
         <script>window.__STATE__={{\"page\":{},\"items\":[]}};</script></head>\n<body class=\"docs\">\n",
        word(prng),
        CODE[6],
        prng.between(1, 900),
    );
    while out.len() < bytes {
        let class = word(prng);
        let size = prng.between(60, 400);
        out.push_str(&format!(
            "<section class=\"{class}\"><h2>{}</h2>\n<p>{}</p>\n<a href=\"/docs/{}?page={}&amp;sort=asc\">{}</a></section>\n",
            word(prng),
            prose(prng, size).replace('&', "&amp;"),
            word(prng),
            prng.between(1, 90),
            word(prng),
        ));
    }
    out.push_str("</body></html>\n");
    out
}

/// A script as a bundler writes it: short names, few line breaks.
pub(crate) fn script(prng: &mut Prng, bytes: usize) -> String {
    let mut out = String::from("\"use strict\";(()=>{var e={},t=Object.defineProperty;");
    while out.len() < bytes {
        let (a, b) = (word(prng), word(prng));
        out.push_str(&format!(
            "function {a}_{}(e,n){{return n||(n=e.length),{b}(e.slice(0,n),\"{a}\")??null}}e.{b}=\"{a}-{b}\";",
            prng.between(1, 9999),
        ));
    }
    out.push_str("})();\n");
    out
}

/// A JSON document as an API answers it.
pub(crate) fn data(prng: &mut Prng, bytes: usize) -> String {
    let mut out = String::from("{\"data\":[");
    let mut first = true;
    while out.len() < bytes {
        if !first {
            out.push(',');
        }
        first = false;
        let size = prng.between(10, 120);
        out.push_str(&format!(
            "{{\"id\":{},\"uuid\":\"{}-{}-4{}-a{}-{}\",\"name\":{},\"score\":{}.{},\"tags\":[\"{}\",\"{}\"],\"active\":{},\"parent\":null}}",
            prng.between(1, 9_999_999),
            prng.hex(8),
            prng.hex(4),
            prng.hex(3),
            prng.hex(3),
            prng.hex(12),
            quoted(&prose(prng, size)),
            prng.between(0, 100),
            prng.between(0, 100),
            word(prng),
            word(prng),
            prng.chance(50),
        ));
    }
    out.push_str("],\"next\":null}");
    out
}

/// A picture: base64 of bytes that are no text.
pub(crate) fn picture(prng: &mut Prng, bytes: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::from("iVBORw0KGgoAAAANSUhEUgAA");
    while out.len() < bytes {
        let mut bits = prng.next();
        for _ in 0..8 {
            out.push(ALPHABET.get((bits & 63) as usize).copied().map_or('A', char::from));
            bits >>= 6;
        }
    }
    out
}

/// One word of the list, or two joined.
pub(crate) fn word(prng: &mut Prng) -> String {
    prng.pick(&WORDS[17..]).to_owned()
}

/// A path in a project.
pub(crate) fn path(prng: &mut Prng) -> String {
    format!("src/{}/{}.{}", word(prng), word(prng), prng.pick(&["rs", "py", "ts", "go", "md", "json"]))
}

/// A string as JSON writes it, quotes included.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
