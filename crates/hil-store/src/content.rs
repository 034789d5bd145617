//! The contents of files, on disk beside the database, under their SHA-256 and never under a name.
//!
//! A content is written under a random name, flushed to the disk and then renamed, so that what stands under a digest
//! is always whole. It goes when nothing refers to it any more, and after a day if nothing ever did.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hil_model::WallTime;
use hil_model::run::Digest;
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;

use crate::engine::Link;
use crate::{Entity, Result, Store, StoreError};

/// Whoever adds the last reference to a content, or removes it with the content, does so alone.
pub(crate) const LOCK: i64 = 0x6869_6c63_6f6e_7465;

/// After so long without a byte, an unfinished content is left over from a process that died.
const ABANDONED: Duration = Duration::from_secs(3600);
/// How many contents are looked for in the database at a time, while nobody else can write.
const TOGETHER: usize = 64;

/// Where contents lie, and how large they may be.
#[derive(Clone, Debug)]
pub(crate) struct Contents {
    directory: Option<PathBuf>,
    max: u64,
}

impl Contents {
    pub(crate) fn new(directory: Option<PathBuf>, max: u64) -> Self {
        let contents = Self { directory, max };
        contents.remove_abandoned();
        contents
    }

    fn remove_abandoned(&self) {
        let Some(entries) = self.incoming().and_then(|incoming| fs::read_dir(incoming).ok()) else { return };
        for entry in entries.flatten() {
            let old = written_at(&entry.path()).is_some_and(|written| {
                SystemTime::now().duration_since(written).is_ok_and(|idle| idle > ABANDONED)
            });
            if old {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// Every content that was written before then. What cannot be read, and what is no content, is left out.
    fn written_before(&self, before: SystemTime) -> Vec<Digest> {
        let shards = self.directory.as_ref().and_then(|directory| fs::read_dir(directory).ok());
        let files = shards.into_iter().flatten().flatten().filter_map(|shard| {
            let files = fs::read_dir(shard.path()).ok()?;
            Some(files.flatten().map(move |file| (shard.file_name(), file)))
        });
        let digests = files.flatten().filter_map(|(shard, file)| {
            let digest = format!("{}{}", shard.to_str()?, file.file_name().to_str()?).parse().ok()?;
            written_at(&file.path()).filter(|written| *written < before).map(|_| digest)
        });
        digests.collect()
    }

    /// Whether a content is there that was written before then.
    fn is_older(&self, digest: &Digest, before: SystemTime) -> bool {
        let written = self.path(digest).ok().and_then(|path| written_at(&path));
        written.is_some_and(|written| written < before)
    }

    fn incoming(&self) -> Option<PathBuf> {
        self.directory.as_ref().map(|directory| directory.join("incoming"))
    }

    /// Where a content lies. A digest is nothing but hexadecimal digits.
    fn path(&self, digest: &Digest) -> Result<PathBuf> {
        let text = digest.to_string();
        let directory = self.directory.as_ref().ok_or(StoreError::NoContents)?;
        Ok(directory.join(&text[..2]).join(&text[2..]))
    }

    pub(crate) fn holds(&self, digest: &Digest) -> bool {
        self.path(digest).is_ok_and(|path| path.exists())
    }

    /// Gives a written content its place. Doing so twice is the same as once.
    pub(crate) fn settle(&self, temporary: &Path, digest: &Digest) -> Result<()> {
        let path = self.path(digest)?;
        let Some(shard) = path.parent() else { return Err(StoreError::NoContents) };
        let failed = |error| StoreError::file("write", &path, error);
        fs::create_dir_all(shard).map_err(failed)?;
        match fs::rename(temporary, &path) {
            Err(error) if error.kind() == ErrorKind::NotFound && path.exists() => {}
            renamed => renamed.map_err(failed)?,
        }
        // A new name is on the disk once its directory is; so is a new directory.
        for directory in [Some(shard), shard.parent()].into_iter().flatten() {
            fs::File::open(directory).and_then(|directory| directory.sync_all()).map_err(failed)?;
        }
        Ok(())
    }

    fn remove(&self, digest: &Digest) -> Result<()> {
        let path = self.path(digest)?;
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(StoreError::file("remove", path, error)),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

fn written_at(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

/// A content on its way in. Dropped before it is stored, it leaves nothing behind.
#[derive(Debug)]
pub struct ContentWriter {
    file: tokio::fs::File,
    pub(crate) temporary: PathBuf,
    hash: Sha256,
    size: u64,
    max: u64,
}

impl ContentWriter {
    /// Takes more bytes.
    ///
    /// # Errors
    ///
    /// [`StoreError::TooLarge`] beyond what the store takes, [`StoreError::DiskFull`].
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.size = self.size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if self.size > self.max {
            return Err(StoreError::TooLarge { what: "attachment", max: self.max });
        }
        self.hash.update(bytes);
        self.file.write_all(bytes).await.map_err(|error| StoreError::file("write", &self.temporary, error))
    }

    /// What has been taken so far.
    pub fn so_far(&self) -> StoredContent {
        StoredContent { digest: Digest::new(self.hash.clone().finalize().into()), size: self.size }
    }

    /// Flushes everything to the disk.
    pub(crate) async fn seal(&mut self) -> Result<StoredContent> {
        let failed = |error| StoreError::file("write", &self.temporary, error);
        self.file.flush().await.map_err(failed)?;
        self.file.sync_all().await.map_err(failed)?;
        Ok(self.so_far())
    }
}

impl Drop for ContentWriter {
    fn drop(&mut self) {
        // After a rename there is nothing left to remove.
        let _ = fs::remove_file(&self.temporary);
    }
}

/// What a content is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredContent {
    /// The SHA-256.
    pub digest: Digest,
    /// The size in bytes.
    pub size: u64,
}

/// A content on its way out.
#[derive(Debug)]
pub struct Content {
    /// The open file, from its beginning.
    pub file: tokio::fs::File,
    /// Its size in bytes.
    pub size: u64,
}

impl Store {
    /// Begins to take a content.
    pub async fn begin_content(&self) -> Result<ContentWriter> {
        let incoming = self.contents.incoming().ok_or(StoreError::NoContents)?;
        let temporary = incoming.join(uuid::Uuid::new_v4().simple().to_string());
        let failed = |error| StoreError::file("write", &temporary, error);
        tokio::fs::create_dir_all(&incoming).await.map_err(failed)?;
        let file = tokio::fs::File::create_new(&temporary).await.map_err(failed)?;
        Ok(ContentWriter { file, temporary, hash: Sha256::new(), size: 0, max: self.contents.max })
    }

    /// Keeps a content that a run is going to refer to by its digest.
    ///
    /// Until the run is saved nothing refers to it: it may go if a file of the same content is removed meanwhile, and
    /// saving the run then says that it is missing.
    pub async fn put_content(&self, mut content: ContentWriter) -> Result<StoredContent> {
        let stored = content.seal().await?;
        self.contents.settle(&content.temporary, &stored.digest)?;
        Ok(stored)
    }

    /// Opens a content.
    pub async fn content(&self, digest: &Digest) -> Result<Content> {
        let path = self.contents.path(digest)?;
        let file = match tokio::fs::File::open(&path).await {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(StoreError::not_found(Entity::Content, digest.to_string()));
            }
            Err(error) => return Err(StoreError::file("read", path, error)),
        };
        let metadata = file.metadata().await.map_err(|error| StoreError::file("read", path, error))?;
        Ok(Content { file, size: metadata.len() })
    }

    /// Removes those contents that nothing refers to.
    pub(crate) async fn sweep(&self, digests: Vec<Digest>) -> Result<()> {
        if digests.is_empty() {
            return Ok(());
        }
        self.remove_unneeded(digests, None).await.map(|_| ())
    }

    /// Removes those contents that were written before `before`, and that nothing refers to: whoever put them there did
    /// not come back with a run. Answers how many. What a process that died left unfinished goes as well.
    pub async fn delete_stale_contents(&self, before: WallTime) -> Result<u64> {
        let Ok(since) = u64::try_from(before.unix_millis()) else { return Ok(0) };
        let Some(before) = UNIX_EPOCH.checked_add(Duration::from_millis(since)) else { return Ok(0) };
        let contents = self.contents.clone();
        let listed = tokio::task::spawn_blocking(move || {
            contents.remove_abandoned();
            contents.written_before(before)
        });
        let old = listed.await.map_err(|error| StoreError::Broken { panic: error.to_string() })?;
        let mut count = 0;
        for digests in old.chunks(TOGETHER) {
            count += self.remove_unneeded(digests.to_vec(), Some(before)).await?;
        }
        Ok(count)
    }

    /// A file that is gone does not come back with a rollback: so this is done in a transaction of its own, in which
    /// everything that it sees is settled, and during which nobody comes to need what it removes.
    async fn remove_unneeded(&self, digests: Vec<Digest>, before: Option<SystemTime>) -> Result<u64> {
        self.write_alone((self.contents.clone(), digests, before), |link, (contents, digests, before)| {
            Box::pin(async move {
                link.alone(LOCK).await?;
                let mut count = 0;
                for digest in digests {
                    // It may have been put there anew since it was found to be old.
                    let is_old = before.is_none_or(|before| contents.is_older(digest, before));
                    if is_old && !is_referred_to(link, digest).await? {
                        contents.remove(digest)?;
                        count += 1;
                    }
                }
                Ok(count)
            })
        })
        .await
    }
}

async fn is_referred_to(link: &mut Link, digest: &Digest) -> Result<bool> {
    let select = "SELECT id FROM uploads WHERE digest = $1 LIMIT 1";
    Ok(link.row(select, &[digest.to_string().into()]).await?.is_some())
}
