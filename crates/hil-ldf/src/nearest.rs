//! The nearest known name, for the "did you mean" part of messages.

/// The candidate that is closest to `name`, if any is close enough to be a likely slip.
///
/// A third of the name's characters may differ; names that differ in case only always match.
pub(crate) fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let limit = (name.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != name)
        .map(|candidate| {
            let distance =
                if candidate.eq_ignore_ascii_case(name) { 0 } else { edit_distance(name, candidate) };
            (distance, candidate)
        })
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The words that a message appends when a nearest name is known, else nothing.
pub(crate) fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|name| format!(", did you mean \"{name}\"?")).unwrap_or_default()
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one text into the other.
fn edit_distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let mut before_last = vec![0; right.len() + 1];
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for line in 1..=left.len() {
        let mut row = vec![line; right.len() + 1];
        for column in 1..=right.len() {
            let replaced = last[column - 1] + usize::from(left[line - 1] != right[column - 1]);
            row[column] = replaced.min(last[column] + 1).min(row[column - 1] + 1);
            let swapped = line > 1
                && column > 1
                && left[line - 1] == right[column - 2]
                && left[line - 2] == right[column - 1];
            if swapped {
                row[column] = row[column].min(before_last[column - 2] + 1);
            }
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("", "", 0)]
    #[case("", "abc", 3)]
    #[case("abc", "", 3)]
    #[case("kitten", "sitting", 3)]
    #[case("ALM_Stauts", "ALM_Status", 1)]
    #[case("Spo", "Sop", 1)]
    fn distances(#[case] left: &str, #[case] right: &str, #[case] expected: usize) {
        assert_eq!(edit_distance(left, right), expected);
    }

    #[rstest]
    #[case("ALM_Stauts", Some("ALM_Status"))]
    #[case("alm_req_a", Some("ALM_Req_A"))]
    #[case("Tj", None)]
    #[case("completely_different", None)]
    fn nearest_names(#[case] name: &str, #[case] expected: Option<&str>) {
        assert_eq!(nearest(name, ["ALM_Req_A", "ALM_Status", "PWM_Frame"]), expected);
    }
}
