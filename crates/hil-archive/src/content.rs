//! The contents of attachments, wherever they lie.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use hil_model::run::{Attachment, Digest};
use hil_store::BlockingStore;
use sha2::{Digest as _, Sha256};

use crate::{ArchiveError, Result};

/// Where the contents of a run's attachments are read from.
#[derive(Clone, Copy, Debug)]
pub enum Contents<'a> {
    /// Files, each in the place that belongs to its digest.
    Files(&'a [(Digest, PathBuf)]),
    /// A folder whose files are called by their digests.
    Folder(&'a Path),
    /// A store.
    Store(&'a BlockingStore),
}

impl Contents<'_> {
    /// Opens the content of `attachment`, and makes sure that it is the one that the run has.
    pub(crate) fn open(&self, attachment: &Attachment) -> Result<File> {
        let failed = |source| ArchiveError::Content { name: attachment.name.clone(), source };
        let file = match self {
            Self::Files(files) => {
                let place = files.iter().find(|(digest, _)| *digest == attachment.digest);
                let (_, path) = place.ok_or_else(|| failed(io::ErrorKind::NotFound.into()))?;
                File::open(path).map_err(failed)?
            }
            Self::Folder(folder) => File::open(folder.join(attachment.digest.to_string())).map_err(failed)?,
            Self::Store(store) => {
                let content = store.wait(|store| async { store.content(&attachment.digest).await })?;
                store.wait(|_| async { Ok(content.file.into_std().await) })?
            }
        };
        verify(file, attachment)
    }
}

/// The digest of a file.
///
/// # Errors
///
/// Those of reading it.
pub fn digest(path: &Path) -> io::Result<Digest> {
    let mut hash = Sha256::new();
    copy(&mut File::open(path)?, |bytes| {
        hash.update(bytes);
        Ok(())
    })?;
    Ok(Digest::new(hash.finalize().into()))
}

/// The file, at its beginning, if its size and digest are the attachment's.
fn verify(mut file: File, attachment: &Attachment) -> Result<File> {
    let failed = |source| ArchiveError::Content { name: attachment.name.clone(), source };
    let mut hash = Sha256::new();
    let size = copy(&mut file, |bytes| {
        hash.update(bytes);
        Ok(())
    });
    let size = size.map_err(failed)?;
    if size != attachment.size || Digest::new(hash.finalize().into()) != attachment.digest {
        return Err(ArchiveError::ContentDiffers { name: attachment.name.clone() });
    }
    io::Seek::rewind(&mut file).map_err(failed)?;
    Ok(file)
}

/// Reads to the end, piece by piece; how many bytes there were.
fn copy(from: &mut File, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<u64> {
    let mut buffer = vec![0; 64 << 10];
    let mut size = 0;
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(size),
            Ok(read) => {
                take(&buffer[..read])?;
                size += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
