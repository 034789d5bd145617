//! The JSON Schema of the configuration, for editors.

use serde_json::json;

use crate::config::Config;
use crate::rule::Rule;
use crate::section::SectionOf;

/// The JSON Schema (draft 07, which the YAML language server reads) of a configuration file, from
/// the same table of keys that checks it. Ends with a line break; objects are sorted by key.
#[must_use]
pub fn json_schema() -> String {
    let mut schema = SectionOf::<Config>::NEW.schema();
    schema["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    schema["title"] = json!("hil bench configuration");
    // Another crate of the build may turn on serde_json's insertion order.
    schema.sort_all_objects();
    format!("{schema:#}\n")
}
