//! The keys of `hil serve`.

use std::path::PathBuf;
use std::time::Duration;

use crate::rule::{Address, FilePath, Flag, Integer, OneOf, Optional, Seconds, Text, choice};
use crate::section::section;

section! {
    /// The server of `hil serve`. What it serves is `record.store`.
    Server {
        /// The address to listen at, `HOST:PORT`. Beyond this machine there should be a proxy with TLS in
        /// front of it.
        listen: String = "127.0.0.1:8080".to_owned(), Text;
        /// Where clients reach the server, such as `https://hil.example.com`. Without it, it is where they
        /// say they do.
        public_url: Option<String> = None, Optional(Address);
        /// Whether a proxy in front of the server says how clients reach it (X-Forwarded-Host and
        /// X-Forwarded-Proto).
        trust_proxy: bool = false, Flag;
        /// What serial numbers say: a regular expression with groups named `part`, `revision` and `batch`,
        /// which a whole serial number must match.
        serial_pattern: Option<String> = None, Optional(Text);
        /// The largest file that is taken, in bytes, up to 16 GiB.
        max_upload: u64 = 10 << 20, Integer::new(1, 16 << 30);
        /// How often each client of the live stream is asked whether it is there, in seconds; a tenth more or
        /// less each time.
        ping_interval: Duration = Duration::from_secs(30),
            Seconds::new(Duration::from_millis(10), Duration::from_secs(3600));
        /// How long such a client may be silent, in seconds; longer than `ping_interval`.
        pong_timeout: Duration = Duration::from_secs(60),
            Seconds::new(Duration::from_millis(20), Duration::from_secs(24 * 3600));
        /// How many such clients there may be at once.
        max_connections: u64 = 1000, Integer::new(1, 1_000_000);
        /// Where the folders of jobs are; below `hil/jobs` in the user's data directory if nothing is said.
        jobs: Option<PathBuf> = None, Optional(FilePath);
        /// The form of the log on standard error.
        log_format: LogFormat = LogFormat::Text, OneOf::<LogFormat>::new();
    }
}

choice! {
    /// The form of a log.
    LogFormat {
        /// A line of text for each entry.
        Text = "text",
        /// A JSON object for each entry.
        Json = "json",
    }
}
