//! The file under test, on disk: what is left when the process dies without a word, as it does on a stack
//! overflow.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::LazyLock;

/// The file that `HIL_LDF_FUZZ_LAST` names. It stays open, which keeps writing it cheap.
static LAST: LazyLock<Option<File>> = LazyLock::new(|| {
    std::env::var_os("HIL_LDF_FUZZ_LAST").map(|path| File::create(path).expect("the file can be created"))
});

/// Writes the file if somebody wants to know.
pub(crate) fn remember(bytes: &[u8]) {
    if let Some(file) = &*LAST {
        file.set_len(bytes.len() as u64)
            .and_then(|()| file.write_all_at(bytes, 0))
            .expect("the file can be written");
    }
}
