//! Properties made of what others wrote: as many, and as much of each, as a run can carry.

use hil_model::Property;

/// The most properties that one file gives a run. The file itself is kept beside it.
pub(crate) const MAX: usize = 200;
/// The longest key and the longest value, in characters.
const MAX_KEY: usize = 200;
const MAX_VALUE: usize = 4000;

/// Adds a property, if there is room. What is too long is cut, and ends with `…`.
pub(crate) fn push(properties: &mut Vec<Property>, key: &str, value: &str) {
    if properties.len() < MAX {
        properties.push(Property::new(cut(key, MAX_KEY), cut(value, MAX_VALUE)));
    }
}

fn cut(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_an_end_to_properties() {
        let mut properties = Vec::new();
        for _ in 0..2 * MAX {
            push(&mut properties, &"é".repeat(MAX_KEY + 1), "value");
        }
        assert_eq!(properties.len(), MAX);
        assert_eq!(properties[0], Property::new(format!("{}…", "é".repeat(MAX_KEY)), "value"));
    }
}
