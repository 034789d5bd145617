//! "Did you mean": the known word that resembles an unknown one most.

/// Shortest word that may match as a piece of a longer one, as `baud` of `baudrate`.
const MIN_PIECE: usize = 3;

/// Longest word that is compared at all.
const MAX_WORD_BYTES: usize = 64;

/// The nearest of `candidates`, if any is near enough to be worth a suggestion.
pub fn nearest<'a>(unknown: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if unknown.len() > MAX_WORD_BYTES {
        return None;
    }
    let unknown = unknown.to_lowercase().replace('-', "_");
    candidates
        .into_iter()
        .filter_map(|candidate| Some((rank(&unknown, &candidate.to_lowercase())?, candidate)))
        .min_by_key(|(rank, _)| *rank)
        .map(|(_, candidate)| candidate)
}

/// Smaller is nearer; typing errors come before abbreviations.
fn rank(unknown: &str, candidate: &str) -> Option<usize> {
    let distance = strsim::damerau_levenshtein(unknown, candidate);
    let longest = unknown.chars().count().max(candidate.chars().count());
    if distance * 3 <= longest {
        return Some(distance);
    }
    let shortest = unknown.len().min(candidate.len());
    let is_piece = candidate.contains(unknown) || unknown.contains(candidate);
    (shortest >= MIN_PIECE && is_piece).then_some(longest + distance)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::nearest;

    #[rstest]
    #[case("baud", Some("baudrate"))]
    #[case("baudrat", Some("baudrate"))]
    #[case("prot", Some("port"))]
    #[case("set-voltage", Some("set_voltage"))]
    #[case("Port", Some("port"))]
    #[case("voltage", Some("set_voltage"))]
    #[case("colour", None)]
    #[case("x", None)]
    fn suggests_only_what_is_near(#[case] unknown: &str, #[case] expected: Option<&str>) {
        let known = ["port", "baudrate", "set_voltage", "set_current"];
        assert_eq!(nearest(unknown, known), expected);
    }
}
