//! What a user can get wrong about the device.

/// A setting that cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum McmSettingError {
    /// Not where a device can be.
    #[error("{text:?} is not where an MCM can be: {why}")]
    Address {
        /// What was given.
        text: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Not a certificate's fingerprint.
    #[error("{text:?} is no SHA-256 fingerprint: {why}")]
    Fingerprint {
        /// What was given.
        text: String,
        /// What is wrong with it.
        why: &'static str,
    },
}
