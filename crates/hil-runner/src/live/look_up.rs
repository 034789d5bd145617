//! The one rule by which everything is found (LIV-03, LIV-05).

use super::Missing;

/// `explicit` as it is; else the first of `candidates` that is eligible, which each says of itself; else `missing`.
///
/// # Errors
///
/// That of the first candidate that could not be asked: an error while looking is none of absence.
pub fn look_up<T, E>(
    explicit: Option<T>,
    candidates: impl IntoIterator<Item = Result<Option<T>, E>>,
    missing: impl FnOnce() -> Missing,
) -> Result<Result<T, Missing>, E> {
    if let Some(explicit) = explicit {
        return Ok(Ok(explicit));
    }
    for candidate in candidates {
        if let Some(eligible) = candidate? {
            return Ok(Ok(eligible));
        }
    }
    Ok(Err(missing()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    type Candidates = Vec<Result<Option<u8>, &'static str>>;

    #[rstest]
    #[case::explicit(Some(7), vec![Err("not asked")], Ok(Ok(7)))]
    #[case::first_eligible(None, vec![Ok(None), Ok(Some(2)), Ok(Some(3)), Err("not asked")], Ok(Ok(2)))]
    #[case::absent(None, vec![Ok(None), Ok(None)], Ok(Err(Missing::Server)))]
    #[case::nobody_to_ask(None, vec![], Ok(Err(Missing::Server)))]
    #[case::error(None, vec![Ok(None), Err("the bus is shorted"), Ok(Some(3))], Err("the bus is shorted"))]
    fn explicit_then_found_then_missing(
        #[case] explicit: Option<u8>,
        #[case] candidates: Candidates,
        #[case] expected: Result<Result<u8, Missing>, &'static str>,
    ) {
        assert_eq!(look_up(explicit, candidates, || Missing::Server), expected);
    }
}
