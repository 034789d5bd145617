//! The store for those who do not wait asynchronously: the harness.

use std::sync::Arc;

use hil_model::RunId;
use hil_model::run::{Attachment, Run};
use tokio::runtime::Runtime;

use crate::{Actor, Result, Store, StoreError, StoreOptions};

/// A store whose calls return when they are done. Not to be used, nor dropped, in an asynchronous task.
#[derive(Debug)]
pub struct BlockingStore {
    store: Store,
    runtime: Runtime,
}

impl BlockingStore {
    /// Opens a store, as [`Store::open`] does.
    pub fn open(url: &str, options: StoreOptions) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| StoreError::Busy { source: Some(error.into()) })?;
        let store = runtime.block_on(Store::open(url, options))?;
        Ok(Self { store, runtime })
    }

    /// Waits for anything that the store does.
    pub fn wait<'a, T, F>(&'a self, ask: impl FnOnce(&'a Store) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>> + 'a,
    {
        self.runtime.block_on(ask(&self.store))
    }

    /// Saves a run, as [`Store::save_run`] does.
    pub fn save_run(&self, run: impl Into<Arc<Run>>) -> Result<RunId> {
        self.wait(|store| store.save_run(run, Actor::Local))
    }

    /// Stores a file that a run is going to have as an attachment.
    pub fn attach(
        &self,
        name: impl Into<String>,
        content_type: Option<String>,
        mut content: impl std::io::Read,
    ) -> Result<Attachment> {
        let name = name.into();
        let mut writer = self.wait(Store::begin_content)?;
        let mut buffer = vec![0; 64 << 10];
        loop {
            match content.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => self.runtime.block_on(writer.write(&buffer[..read]))?,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(StoreError::file("read", name, error)),
            }
        }
        let stored = self.wait(|store| store.put_content(writer))?;
        Ok(Attachment { name, content_type, size: stored.size, digest: stored.digest, is_report: false })
    }

    /// Closes the store.
    pub fn close(self) {
        self.runtime.block_on(self.store.close());
    }
}
