//! One thing for each plugin of a job, in the order in which they came, and bounded: anybody with a key can add to it.

use std::sync::Arc;

use crate::{Metadata, PartialResult, PluginName, PluginStatus};

/// How many plugins of a job are remembered.
pub(crate) const PLUGINS: usize = 4096;
/// How many bytes what is remembered of them may have together.
pub(crate) const PLUGIN_BYTES: usize = 4 << 20;

/// What belongs to a plugin.
pub(crate) trait OfPlugin {
    fn plugin(&self) -> &PluginName;
}

impl OfPlugin for Metadata {
    fn plugin(&self) -> &PluginName {
        &self.plugin
    }
}

impl OfPlugin for PluginStatus {
    fn plugin(&self) -> &PluginName {
        &self.plugin
    }
}

impl OfPlugin for PartialResult {
    fn plugin(&self) -> &PluginName {
        &self.plugin
    }
}

/// The last one of each plugin, and how many bytes each has. Copies share them.
#[derive(Clone, Debug)]
pub(crate) struct ByPlugin<T> {
    kept: Vec<(Arc<T>, usize)>,
    bytes: usize,
}

impl<T> Default for ByPlugin<T> {
    fn default() -> Self {
        Self { kept: Vec::new(), bytes: 0 }
    }
}

impl<T: OfPlugin> ByPlugin<T> {
    /// Takes the place of the plugin's last one. What there is no room for is not kept.
    pub(crate) fn put(&mut self, one: Arc<T>, bytes: usize) {
        let known = self.kept.iter().position(|(known, _)| known.plugin() == one.plugin());
        let others = self.bytes - known.map_or(0, |at| self.kept[at].1);
        if others + bytes > PLUGIN_BYTES || (known.is_none() && self.kept.len() == PLUGINS) {
            return;
        }
        self.bytes = others + bytes;
        match known {
            Some(at) => self.kept[at] = (one, bytes),
            None => self.kept.push((one, bytes)),
        }
    }

    pub(crate) fn get(&self, plugin: &PluginName) -> Option<&T> {
        self.iter().find(|known| known.plugin() == plugin)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.kept.iter().map(|(one, _)| &**one)
    }
}
