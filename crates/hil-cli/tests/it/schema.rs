//! A strict reader of JSON Schemas: it knows the keywords that ours use, and no others.
//!
//! It is stricter than the standard in one thing: an object has no property that the schema does not list, so
//! that nothing is written without a description.

use serde_json::Value;

/// A schema, with the definitions that its references point to.
pub(crate) struct Schema {
    root: Value,
}

impl Schema {
    pub(crate) fn parse(text: &str) -> Self {
        Self { root: serde_json::from_str(text).unwrap() }
    }

    /// What is wrong with `value`, each with its place; nothing if it is as the schema says.
    pub(crate) fn faults(&self, value: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        self.check(&self.root, value, "", &mut faults);
        faults
    }

    /// Properties that neither have a description nor refer to something that has.
    pub(crate) fn undescribed(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.look_for_descriptions(&self.root, "", &mut found);
        found
    }

    fn look_for_descriptions(&self, schema: &Value, place: &str, found: &mut Vec<String>) {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let words = self.resolved(property)["description"].as_str();
            if !words.is_some_and(|words| words.ends_with('.')) {
                found.push(format!("{place}/{name}"));
            }
        }
        for (key, inner) in schema.as_object().into_iter().flatten() {
            self.look_for_descriptions(inner, &format!("{place}/{key}"), found);
        }
        for (index, inner) in schema.as_array().into_iter().flatten().enumerate() {
            self.look_for_descriptions(inner, &format!("{place}/{index}"), found);
        }
    }

    fn resolved<'s>(&'s self, schema: &'s Value) -> &'s Value {
        match schema["$ref"].as_str() {
            Some(reference) => self.root.pointer(reference.strip_prefix('#').unwrap()).unwrap(),
            None => schema,
        }
    }

    fn check(&self, schema: &Value, value: &Value, place: &str, faults: &mut Vec<String>) {
        for (keyword, says) in schema.as_object().unwrap() {
            let good = match keyword.as_str() {
                "$schema" | "$defs" | "title" | "description" => true,
                "$ref" => {
                    self.check(self.resolved(schema), value, place, faults);
                    true
                }
                "type" => names(says).any(|name| is_of(value, name)),
                "const" => says == value,
                "enum" => says.as_array().unwrap().contains(value),
                "minimum" => value.as_f64().is_none_or(|number| number >= says.as_f64().unwrap()),
                "maximum" => value.as_f64().is_none_or(|number| number <= says.as_f64().unwrap()),
                "minLength" => value.as_str().is_none_or(|text| text.len() >= size(says)),
                "minItems" => value.as_array().is_none_or(|items| items.len() >= size(says)),
                "maxItems" => value.as_array().is_none_or(|items| items.len() <= size(says)),
                "required" => {
                    value.as_object().is_none_or(|map| names(says).all(|name| map.contains_key(name)))
                }
                "properties" => {
                    for (name, inner) in value.as_object().into_iter().flatten() {
                        match says.get(name) {
                            Some(property) => self.check(property, inner, &format!("{place}/{name}"), faults),
                            None => faults.push(format!("{place}/{name}: is not described")),
                        }
                    }
                    true
                }
                "items" => {
                    for (index, inner) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(says, inner, &format!("{place}/{index}"), faults);
                    }
                    true
                }
                "oneOf" => self.matching(says, value) == 1,
                other => panic!("{place}: keyword {other} is not known"),
            };
            if !good {
                faults.push(format!("{place}: {value} is against {keyword} {says}"));
            }
        }
    }

    fn matching(&self, choices: &Value, value: &Value) -> usize {
        let fits = |choice: &&Value| {
            let mut faults = Vec::new();
            self.check(choice, value, "", &mut faults);
            faults.is_empty()
        };
        choices.as_array().unwrap().iter().filter(fits).count()
    }
}

/// One name, or a list of names.
fn names(says: &Value) -> impl Iterator<Item = &str> {
    says.as_str().into_iter().chain(says.as_array().into_iter().flatten().map(|name| name.as_str().unwrap()))
}

fn size(says: &Value) -> usize {
    usize::try_from(says.as_u64().unwrap()).unwrap()
}

fn is_of(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        other => panic!("type {other} is not known"),
    }
}
