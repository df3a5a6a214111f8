//! `rules mutate`: changes that the texts of a rule tell apart, and parts that none of them holds.

use serde_json::Value;

use super::{Bench, pack};

/// Texts that hold every part of `\bacme-[0-9]{3}\b`.
const HELD: [&str; 5] = ["xacme-123", "acme-123x", "acme-12", "acme-1234", "acme-1x3"];

fn texts(no_match: &[&str]) -> String {
    let list: Vec<String> = no_match.iter().map(|text| format!("'{text}'")).collect();
    format!("    match: ['acme-123']\n    no_match: [{}]\n", list.join(", "))
}

/// Parts and changes that are alive, as `part: change at LINE:COLUMN`.
fn alive(told: &Value) -> Vec<String> {
    let mutants =
        told["rules"].as_array().unwrap().iter().flat_map(|rule| rule["mutants"].as_array().unwrap());
    let alive = mutants.filter(|mutant| mutant["fate"] == "alive");
    let text = |mutant: &Value, name: &str| mutant[name].as_str().unwrap().to_owned();
    alive
        .map(|one| {
            format!("{}: {} at {}:{}", text(one, "part"), text(one, "change"), one["line"], one["column"])
        })
        .collect()
}

#[test]
fn every_part_that_texts_hold_is_told_apart() {
    let bench = Bench::new(&pack(r"\bacme-[0-9]{3}\b", &texts(&HELD)));
    let told = bench.json("mutate", &[]);
    assert_eq!(alive(&told), [""; 0], "{told}");
    assert_eq!(told["all"]["killed"], 5, "{told}");
    assert_eq!(told["all"]["refused"], 1, "without `acme-` there is nothing to look for: {told}");
    assert_eq!(told["all"]["score_permille"], 1000, "{told}");
}

#[test]
fn each_text_that_is_taken_away_leaves_the_part_that_it_held() {
    // The regex stands in line 14 from column 13 on, behind its quote.
    let expected: [&[&str]; 5] = [
        &[r"\b: boundary removed at 14:13"],
        // The text with a fourth digit holds this boundary as well.
        &[],
        &["[0-9]{3}: one less allowed at 14:20"],
        &["[0-9]{3}: one more allowed at 14:20"],
        &["[0-9]: class widened to anything at 14:20"],
    ];
    for (index, expected) in expected.into_iter().enumerate() {
        let mut left = HELD.to_vec();
        let taken = left.remove(index);
        let bench = Bench::new(&pack(r"\bacme-[0-9]{3}\b", &texts(&left)));
        assert_eq!(alive(&bench.json("mutate", &[])), expected, "without {taken}");
    }
}

#[test]
fn branches_features_and_fragments_are_parts_too() {
    let more = "    near: [{any: [deploy], within: 20}]\n    allow: ['0000']\n    entropy: 0.5\n    \
                match: ['deploy acme-prod-1234']\n    no_match: ['acme-prod-1234']\n";
    let fragments = "fragments:\n  digits: '[0-9]{4}'\nrules:";
    let text = pack(r"acme-(?:prod|test)-(?&digits)", more).replace("rules:", fragments);
    let bench = Bench::new(&text);
    let alive = alive(&bench.json("mutate", &[]));
    let has = |told: &str| alive.iter().any(|one| one.starts_with(told));
    assert!(has("test: branch dropped at 16:26"), "{alive:#?}");
    assert!(has("0000: entry dropped at 18:13"), "{alive:#?}");
    assert!(has("0.5: dropped"), "{alive:#?}");
    assert!(has("(?&digits): group made optional"), "{alive:#?}");
    assert!(has("[0-9]{4}: one less allowed at 5:12"), "{alive:#?}");
    assert!(!has("deploy: feature dropped") && !has("prod: branch dropped"), "{alive:#?}");
    let run = bench.run("mutate", &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stdout.contains("fragment digits: ")
            && run.stdout.contains("acme.yaml:16:26: regex `test`: branch dropped"),
        "{}",
        run.stdout
    );
    assert!(run.stderr.contains("1 rules, 1 fragments"), "{}", run.stderr);
}

#[test]
fn limits_are_told() {
    let bench = Bench::new(&pack(r"\bacme-[0-9]{3}\b", &texts(&HELD[..1])));
    let gate = bench.run("mutate", &["--min-score", "80"]);
    assert_eq!(gate.code, 1, "{}", gate.stderr);
    assert_eq!(bench.run("mutate", &["--min-score", "20"]).code, 0);
    let late = bench.run("mutate", &["--seconds", "0"]);
    assert!(late.code == 3 && late.stderr.contains("6 not tried"), "{}", late.stderr);
    let few = bench.json("mutate", &["--most", "2"]);
    assert_eq!(few["rules"][0]["mutants"].as_array().unwrap().len(), 2, "{few}");
    assert_eq!(few["all"]["left_out"], 4, "{few}");
    let unknown = bench.run("mutate", &["--rule", "no.such.rule"]);
    assert!(unknown.code == 2 && unknown.stderr.contains("no.such.rule"), "{}", unknown.stderr);
}

#[test]
fn texts_that_a_rule_breaks_hold_nothing() {
    let bench =
        Bench::new(&pack(r"\bacme-[0-9]{3}\b", "    match: ['acme-12x']\n    no_match: ['acme-123']\n"));
    let run = bench.run("mutate", &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("2 texts hold nothing"), "{}", run.stderr);
}
