//! The nearest known name, for the "did you mean" part of messages.

/// Longer names have no nearest one: comparing takes the product of both lengths.
const LONGEST: usize = 100;

/// The candidate that is closest to `name`, if any is close enough to be a likely slip.
///
/// A third of the name's characters may differ; names that differ in case only always match.
pub(crate) fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    if name.len() > LONGEST {
        return None;
    }
    let mut distances = Distances::to(name);
    let limit = (distances.name.len() / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != name)
        .filter_map(|candidate| {
            let distance =
                if candidate.eq_ignore_ascii_case(name) { 0 } else { distances.of(candidate, limit)? };
            Some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The words that a message appends when a nearest name is known, else nothing.
pub(crate) fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|name| format!(", did you mean \"{name}\"?")).unwrap_or_default()
}

/// Edit distances to one name: insertions, deletions, replacements and swaps of neighbours.
struct Distances {
    name: Vec<char>,
    other: Vec<char>,
    /// The last rows of the table of distances between beginnings of both: two lines ago, one ago, this one.
    rows: [Vec<usize>; 3],
}

impl Distances {
    fn to(name: &str) -> Self {
        Self { name: name.chars().collect(), other: Vec::new(), rows: Default::default() }
    }

    /// The distance of `other`, if it is not above `limit`.
    fn of(&mut self, other: &str, limit: usize) -> Option<usize> {
        let Self { name, other: right, rows: [before_last, last, row] } = self;
        if other.len() > 4 * (LONGEST + limit) {
            return None;
        }
        right.clear();
        right.extend(other.chars());
        if name.len().abs_diff(right.len()) > limit {
            return None;
        }
        for line in [&mut *before_last, &mut *row] {
            line.clear();
            line.resize(right.len() + 1, 0);
        }
        last.clear();
        last.extend(0..=right.len());
        for line in 1..=name.len() {
            row[0] = line;
            for column in 1..=right.len() {
                let replaced = last[column - 1] + usize::from(name[line - 1] != right[column - 1]);
                row[column] = replaced.min(last[column] + 1).min(row[column - 1] + 1);
                let swapped = line > 1
                    && column > 1
                    && name[line - 1] == right[column - 2]
                    && name[line - 2] == right[column - 1];
                if swapped {
                    row[column] = row[column].min(before_last[column - 2] + 1);
                }
            }
            // A swap looks back two rows, but never finds less there than one less than in the last.
            if row.iter().all(|distance| *distance > limit + 1) {
                return None;
            }
            std::mem::swap(before_last, last);
            std::mem::swap(last, row);
        }
        last.last().copied().filter(|distance| *distance <= limit)
    }
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
        assert_eq!(Distances::to(left).of(right, 9), Some(expected));
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
