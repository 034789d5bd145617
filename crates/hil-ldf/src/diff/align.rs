//! Two sequences side by side: what stayed in its place, what went, what came.

/// What to take next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// One of each: they have the same key.
    Both,
    /// One of the first sequence only.
    Before,
    /// One of the second sequence only.
    After,
}

/// Above this many pairs of keys the search for what stayed would take long.
const MOST_PAIRS: usize = 1 << 22;

/// The steps that keep as many pairs as possible. What went comes before what came in its place.
///
/// The middle of two sequences that differ at both ends and have thousands of keys each counts as replaced.
pub(super) fn align(before: &[String], after: &[String]) -> Vec<Step> {
    let head = before.iter().zip(after).take_while(|(a, b)| a == b).count();
    let (before, after) = (before.get(head..).unwrap_or_default(), after.get(head..).unwrap_or_default());
    let tail = before.iter().rev().zip(after.iter().rev()).take_while(|(a, b)| a == b).count();
    let (rows, columns) = (before.len() - tail, after.len() - tail);
    let mut steps = vec![Step::Both; head];
    if rows.saturating_mul(columns) > MOST_PAIRS {
        steps.extend(std::iter::repeat_n(Step::Before, rows));
        steps.extend(std::iter::repeat_n(Step::After, columns));
    } else {
        steps.extend(longest(
            before.get(..rows).unwrap_or_default(),
            after.get(..columns).unwrap_or_default(),
        ));
    }
    steps.extend(std::iter::repeat_n(Step::Both, tail));
    steps
}

/// The longest common subsequence, by the table of what the rests of both sequences have in common.
fn longest(before: &[String], after: &[String]) -> Vec<Step> {
    // Row r, column c: of the last r keys and the last c keys.
    let mut table = vec![vec![0_u32; after.len() + 1]];
    for key in before.iter().rev() {
        let mut row = vec![0];
        let mut last = 0;
        let below = table.last().map_or(&[][..], Vec::as_slice);
        for (other, below) in after.iter().rev().zip(below.windows(2)) {
            let (Some(without_both), Some(without_key)) = (below.first(), below.last()) else { continue };
            last = if key == other { without_both + 1 } else { last.max(*without_key) };
            row.push(last);
        }
        table.push(row);
    }
    let common = |row: usize, column: usize| table.get(row).and_then(|row| row.get(column)).copied();
    let (mut rest, mut other) = (before, after);
    let mut steps = Vec::with_capacity(rest.len() + other.len());
    loop {
        let (row, column) = (rest.len(), other.len());
        match (rest.split_first(), other.split_first()) {
            (Some((key, left)), Some((same, right))) if key == same => {
                (rest, other) = (left, right);
                steps.push(Step::Both);
            }
            (Some((_, left)), Some(_)) if common(row - 1, column) >= common(row, column - 1) => {
                rest = left;
                steps.push(Step::Before);
            }
            (_, Some((_, right))) => {
                other = right;
                steps.push(Step::After);
            }
            (Some((_, left)), None) => {
                rest = left;
                steps.push(Step::Before);
            }
            (None, None) => return steps,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn keys(text: &str) -> Vec<String> {
        text.chars().map(String::from).collect()
    }

    /// `=` stayed, `-` went, `+` came.
    fn shown(steps: &[Step]) -> String {
        let sign = |step: &Step| match step {
            Step::Both => '=',
            Step::Before => '-',
            Step::After => '+',
        };
        steps.iter().map(sign).collect()
    }

    #[rstest]
    #[case("", "", "")]
    #[case("abc", "abc", "===")]
    #[case("", "ab", "++")]
    #[case("ab", "", "--")]
    #[case("abc", "axc", "=-+=")]
    #[case("abc", "ac", "=-=")]
    #[case("abcd", "bcda", "-===+")]
    #[case("aab", "ab", "=-=")]
    #[case("ab", "ba", "-=+")]
    #[case("abxcdey", "xabycde", "+==-+===-")]
    fn as_much_as_possible_stays(#[case] before: &str, #[case] after: &str, #[case] steps: &str) {
        assert_eq!(shown(&align(&keys(before), &keys(after))), steps);
    }

    #[test]
    fn long_sequences_without_common_ends_are_replaced() {
        let numbers = |from: usize| (from..from + 2_100).map(|number| number.to_string()).collect::<Vec<_>>();
        let (before, after) = (numbers(0), numbers(1));
        let steps = shown(&align(&before, &after));
        assert_eq!(steps, "-".repeat(2_100) + &"+".repeat(2_100));
        let steps = shown(&align(&before[..1_000], &after[..1_000]));
        assert_eq!(steps, format!("-{}+", "=".repeat(999)));
    }
}
