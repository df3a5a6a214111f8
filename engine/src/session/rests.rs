//! Which findings of an event a conclusion of the fold over sessions rests on, beside what earlier events gave.
//!
//! Left out: single rules. A conclusion rests on what a category tells, whichever rule tells it.

use coldcase_model::{Category, RuleInfo};

/// Whether what this rule concludes about an event may rest on a finding of this category in the same event.
pub(crate) fn rests_on(conclusion: &RuleInfo, found: Category) -> bool {
    match conclusion.category {
        Category::Taint if conclusion.id.starts_with("taint.secret-") => found == Category::Dlp,
        Category::Taint | Category::ToolDrift => matches!(found, Category::Injection | Category::ToolPoison),
        // Chains are told by what calls do, leaks and beacons by what leaves.
        _ => false,
    }
}
