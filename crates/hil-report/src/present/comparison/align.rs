//! Lists side by side: what has the same key stands in one row, and every list keeps its order as far as it can.

use std::collections::HashMap;
use std::hash::Hash;

/// Things with a key that no other of them has: the name, and how often it stood before.
pub(super) fn numbered<'a, T>(
    things: &'a [T],
    name: impl Fn(&'a T) -> &'a str,
) -> Vec<((&'a str, usize), &'a T)> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    things
        .iter()
        .map(|thing| {
            let name = name(thing);
            let count = seen.entry(name).or_default();
            *count += 1;
            ((name, *count), thing)
        })
        .collect()
}

/// A row for each key, with a cell for each list. What only a later list has stands behind what it stands behind there.
pub(super) fn union<K: Copy + Eq + Hash, V>(lists: &[Vec<(K, V)>]) -> Vec<Vec<Option<&(K, V)>>> {
    let mut rows: HashMap<K, Vec<Option<&(K, V)>>> = HashMap::new();
    let mut behind: HashMap<Option<K>, Vec<K>> = HashMap::new();
    for (at, list) in lists.iter().enumerate() {
        let mut before = None;
        for entry in list {
            let row = rows.entry(entry.0).or_insert_with(|| {
                behind.entry(before).or_default().push(entry.0);
                vec![None; lists.len()]
            });
            row[at] = Some(entry);
            before = Some(entry.0);
        }
    }
    // What came last stands closest, so that an earlier list goes on behind what a later one puts in between.
    let mut order = Vec::with_capacity(rows.len());
    let mut open = behind.remove(&None).unwrap_or_default();
    while let Some(key) = open.pop() {
        order.extend(rows.remove(&key));
        open.extend(behind.remove(&Some(key)).unwrap_or_default());
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::same(&["a", "b"], &["a", "b"], "a=a b=b")]
    #[case::in_between(&["a", "c"], &["a", "b", "c"], "a=a -=b c=c")]
    #[case::in_front(&["b"], &["a", "b"], "-=a b=b")]
    #[case::missing(&["a", "b", "c"], &["a", "c"], "a=a b=- c=c")]
    #[case::another_order(&["a", "b"], &["b", "a"], "a=a b=b")]
    #[case::repeated(&["a", "a"], &["a", "a", "a"], "a=a a=a -=a")]
    #[case::nothing(&[], &["a"], "-=a")]
    fn rows(#[case] first: &[&str], #[case] second: &[&str], #[case] expected: &str) {
        let lists = [numbered(first, |name| name), numbered(second, |name| name)];
        let cell =
            |cell: &Option<&((&str, usize), &&str)>| cell.map_or("-", |((name, _), _)| *name).to_owned();
        let rows: Vec<_> =
            union(&lists).iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join("=")).collect();
        assert_eq!(rows.join(" "), expected);
    }

    #[test]
    fn long_lists_do_not_recurse() {
        let names: Vec<_> = (0..200_000).map(|at| at.to_string()).collect();
        let list = numbered(&names, String::as_str);
        assert_eq!(union(&[vec![], list]).len(), 200_000);
    }
}
