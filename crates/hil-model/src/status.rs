//! Status words of others: what a server, a bench or a device calls its state (LIV-04).

/// A status word as somebody else wrote it. It is compared as a whole and without regard to case: "inactive" is not
/// "active", and "Active" is.
#[derive(Clone, Copy, Debug)]
pub struct StatusWord<'a>(&'a str);

impl<'a> StatusWord<'a> {
    /// The word, without blanks around it.
    pub fn new(text: &'a str) -> Self {
        Self(text.trim())
    }

    /// Whether it is `word`.
    pub fn is(self, word: &str) -> bool {
        self.0.eq_ignore_ascii_case(word)
    }

    /// Whether it is one of `words`.
    pub fn is_one_of(self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("active", "active", true)]
    #[case("Active", "active", true)]
    #[case("ACTIVE", "active", true)]
    #[case(" active\n", "active", true)]
    #[case("Inactive", "active", false)]
    #[case("active", "inactive", false)]
    #[case("active-standby", "active", false)]
    #[case("activ", "active", false)]
    #[case("", "active", false)]
    #[case("Not Completed", "completed", false)]
    #[case("completed ok", "completed", false)]
    #[case("CoMpLeTeD", "completed", true)]
    fn words_are_compared_whole_and_without_case(
        #[case] said: &str,
        #[case] word: &str,
        #[case] equal: bool,
    ) {
        assert_eq!(StatusWord::new(said).is(word), equal);
        assert_eq!(StatusWord::new(said).is_one_of(&["never", word]), equal);
    }
}
