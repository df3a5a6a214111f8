//! The built-in packs as the program holds them find what their YAML finds: in the rules' own texts, and in these pressed
//! together and cut.

use coldcase_engine::{Judge, Pack, Policy, builtin_texts, promises};
use coldcase_model::{Finding, Show};
use serde_json::json;

use crate::labelled::judged;

/// Text as it crosses the wire in a body, as a tool describes itself, as what a tool is given and as what it gives.
const PLACES: [(&str, &str); 4] = [
    ("egress", "body"),
    ("ingress", "tool_description"),
    ("egress", "tool_argument"),
    ("ingress", "tool_result"),
];

#[test]
fn frozen_packs_find_what_written_ones_find() {
    let (written, frozen) = (Pack::builtin().unwrap(), coldcase_builtin::pack().unwrap());
    assert_eq!(written.sources(), frozen.sources());
    let ids = |pack: &Pack| pack.rules().map(|rule| rule.id.to_owned()).collect::<Vec<_>>();
    assert_eq!(ids(&written), ids(&frozen));
    let judge = |pack| Judge::new(pack, Policy::balanced(), Show::Redacted);
    let (mut by_written, mut by_frozen) = (judge(&written), judge(&frozen));
    let texts: Vec<String> =
        promises(&builtin_texts()).unwrap().into_iter().map(|promise| promise.text).collect();
    let mut found = 0;
    for (number, texts) in texts.chunks(5).enumerate() {
        let all = texts.join(" ");
        let cut: String = all.chars().skip(number % 7).step_by(1 + number % 2).collect();
        let (direction, surface) = PLACES[number % PLACES.len()];
        for text in texts.iter().chain([&all, &cut]) {
            let record = json!({
                "v": 1, "kind": "text", "direction": direction, "text": { "text": text, "surface": surface }
            });
            let findings = |judge: &mut Judge<'_>| -> Vec<Finding> {
                let events = judged(judge, &number.to_string(), &record);
                events.into_iter().flat_map(|event| event.findings).collect()
            };
            let (of_written, of_frozen) = (findings(&mut by_written), findings(&mut by_frozen));
            assert_eq!(format!("{of_written:#?}"), format!("{of_frozen:#?}"), "{surface}: {text}");
            found += of_written.len();
        }
    }
    assert!(found > texts.len() / 2, "{found} findings in {} texts", texts.len());
}
