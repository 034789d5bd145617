//! Files that belong to a run (REC-08).

use std::fmt;
use std::str::FromStr;

/// The SHA-256 of a content, by which it is kept and found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

/// A text that is not 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a SHA-256 in hexadecimal")]
pub struct DigestError(pub String);

impl Digest {
    /// The digest with these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let mut bytes = [0; 32];
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return Err(DigestError(text.to_owned()));
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            let (Some(high), Some(low)) = (digit(pair[0]), digit(pair[1])) else {
                return Err(DigestError(text.to_owned()));
            };
            *byte = high << 4 | low;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// A file of a run. Its content is kept elsewhere, under its digest; the name is for people and never a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// What the file is called.
    pub name: String,
    /// Its media type, if anybody knows.
    pub content_type: Option<String>,
    /// Its size in bytes.
    pub size: u64,
    /// The digest of its content.
    pub digest: Digest,
    /// Whether it is the report that the run was made from.
    pub is_report: bool,
}

/// What a run may carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttachmentLimits {
    /// How many files.
    pub count: usize,
    /// How many bytes each.
    pub bytes: u64,
}

impl Default for AttachmentLimits {
    fn default() -> Self {
        Self { count: 100, bytes: 10 << 20 }
    }
}

/// Too much to carry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttachmentError {
    /// Too many files.
    #[error("{count} attachments, at most {max} are allowed")]
    TooMany {
        /// How many there are.
        count: usize,
        /// How many there may be.
        max: usize,
    },
    /// One of them is too large.
    #[error("attachment {name:?} has {size} bytes, at most {max} are allowed")]
    TooLarge {
        /// What it is called.
        name: String,
        /// Its size.
        size: u64,
        /// What it may have.
        max: u64,
    },
}

impl AttachmentLimits {
    /// How many files a run may have, whatever is configured: whoever takes runs takes so many.
    pub const MOST: u32 = 10_000;

    /// Refuses what is too many or too large, before anything is sent.
    pub fn check(&self, attachments: &[Attachment]) -> Result<(), AttachmentError> {
        if attachments.len() > self.count {
            return Err(AttachmentError::TooMany { count: attachments.len(), max: self.count });
        }
        match attachments.iter().find(|attachment| attachment.size > self.bytes) {
            None => Ok(()),
            Some(Attachment { name, size, .. }) => {
                Err(AttachmentError::TooLarge { name: name.clone(), size: *size, max: self.bytes })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_comes_back_from_its_text() {
        let digest = Digest::new(std::array::from_fn(|i| u8::try_from(i * 7).unwrap()));
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert!("00".parse::<Digest>().is_err());
        assert!("é".repeat(32).parse::<Digest>().is_err());
    }

    #[test]
    fn limits_count_files_and_bytes() {
        let file = Attachment {
            name: "a".into(),
            content_type: None,
            size: 11,
            digest: Digest::new([0; 32]),
            is_report: false,
        };
        let limits = AttachmentLimits { count: 1, bytes: 10 };
        assert_eq!(
            limits.check(std::slice::from_ref(&file)).unwrap_err().to_string(),
            "attachment \"a\" has 11 bytes, at most 10 are allowed"
        );
        assert_eq!(
            limits.check(&[file.clone(), file]).unwrap_err().to_string(),
            "2 attachments, at most 1 are allowed"
        );
    }
}
