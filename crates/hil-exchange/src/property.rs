//! Properties made of what others wrote: as many, and as much of each, as a run can carry.

use std::fmt;

use hil_model::Property;

/// The most properties that one file gives a run.
const MAX: usize = 200;
/// The longest key and the longest value, in characters.
const MAX_KEY: usize = 200;
const MAX_VALUE: usize = 4000;

/// What of a file's properties its run does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// How many are left out, because there are too many.
    pub left_out: usize,
    /// How many are there, but shortened.
    pub shortened: usize,
}

impl Cut {
    /// Whether the run has everything.
    pub const fn is_nothing(&self) -> bool {
        self.left_out == 0 && self.shortened == 0
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { left_out, shortened } = self;
        write!(
            f,
            "of its properties {left_out} are left out (a run has {MAX} of them at most) and {shortened} shortened"
        )
    }
}

/// The properties of a run so far.
#[derive(Debug, Default)]
pub(crate) struct Properties {
    list: Vec<Property>,
    cut: Cut,
}

impl Properties {
    /// Adds a property, if there is room. What is too long is cut, and ends with `…`.
    pub(crate) fn push(&mut self, key: &str, value: &str) {
        if self.list.len() >= MAX {
            self.cut.left_out += 1;
            return;
        }
        let (key, is_whole_key) = cut(key, MAX_KEY);
        let (value, is_whole_value) = cut(value, MAX_VALUE);
        self.cut.shortened += usize::from(!is_whole_key || !is_whole_value);
        self.list.push(Property::new(key, value));
    }

    /// The properties, and what is not among them.
    pub(crate) fn finish(self) -> (Vec<Property>, Cut) {
        (self.list, self.cut)
    }
}

/// The text, and whether it is the whole of it.
fn cut(text: &str, max: usize) -> (String, bool) {
    match text.char_indices().nth(max) {
        Some((end, _)) => (format!("{}…", &text[..end]), false),
        None => (text.to_owned(), true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_an_end_to_properties() {
        let mut properties = Properties::default();
        properties.push("key", &"x".repeat(MAX_VALUE + 1));
        for _ in 0..2 * MAX {
            properties.push(&"é".repeat(MAX_KEY + 1), "value");
        }
        let (list, cut) = properties.finish();
        assert_eq!(list.len(), MAX);
        assert_eq!(list[1], Property::new(format!("{}…", "é".repeat(MAX_KEY)), "value"));
        assert_eq!(cut, Cut { left_out: MAX + 1, shortened: MAX });
        assert!(!cut.is_nothing() && Cut::default().is_nothing());
    }
}
