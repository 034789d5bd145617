//! Errors on their way to people.

use std::error::Error;

/// An error and its causes, each once, in one line. Errors of this product never repeat their source, so nothing is said
/// twice.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use super::*;

    #[derive(Debug)]
    struct Level(u8);

    impl fmt::Display for Level {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "level {}", self.0)
        }
    }

    impl Error for Level {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            [None, Some(&Self(0) as _), Some(&Self(1) as _)][usize::from(self.0)]
        }
    }

    #[test]
    fn causes_follow_their_error() {
        assert_eq!(chain(&Level(0)), "level 0");
        assert_eq!(chain(&Level(2)), "level 2: level 1: level 0");
    }
}
