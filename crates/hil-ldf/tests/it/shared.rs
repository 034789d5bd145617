//! The shared material beside the repository, which a plain checkout does not have.

use std::path::{Path, PathBuf};

/// `../shared/ldf` beside the workspace, if it is there. Otherwise says which test checks nothing.
#[expect(clippy::print_stderr, reason = "a test that cannot run must say so")]
pub(crate) fn ldf_folder(test: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/ldf");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("{test}: skipped, {} does not exist", folder.display());
    None
}
