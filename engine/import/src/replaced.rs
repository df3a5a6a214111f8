//! Rules of one id, where the source keeps the last of them only.

use std::collections::BTreeMap;

/// For each rule, the number of the last one of its id where that is another. A rule without an id is by itself.
pub(crate) fn successors<'i>(ids: impl Iterator<Item = Option<&'i str>>) -> Vec<Option<usize>> {
    let ids: Vec<Option<&str>> = ids.collect();
    let last: BTreeMap<&str, usize> =
        ids.iter().enumerate().filter_map(|(number, id)| Some(((*id)?, number))).collect();
    let successor =
        |(number, id): (usize, Option<&str>)| last.get(id?).copied().filter(|successor| *successor != number);
    ids.iter().copied().enumerate().map(successor).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_an_id_stays() {
        let ids = [Some("a"), Some("b"), Some("a"), None, Some("a"), None];
        assert_eq!(successors(ids.into_iter()), [Some(4), None, Some(4), None, None, None]);
    }
}
