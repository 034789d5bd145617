//! The keys of `hil serve`.

use crate::rule::{Flag, Integer, OneOf, Optional, Text, choice};
use crate::section::section;

section! {
    /// The server of `hil serve`. What it serves is `record.store`.
    Server {
        /// The address to listen at, `HOST:PORT`. Beyond this machine there should be a proxy with TLS in
        /// front of it.
        listen: String = "127.0.0.1:8080".to_owned(), Text;
        /// Where clients reach the server, such as `https://hil.example.com`. Without it, it is where they
        /// say they do.
        public_url: Option<String> = None, Optional(Text);
        /// Whether a proxy in front of the server says how clients reach it (X-Forwarded-Host and
        /// X-Forwarded-Proto).
        trust_proxy: bool = false, Flag;
        /// What serial numbers say: a regular expression with groups named `part`, `revision` and `batch`,
        /// which a whole serial number must match.
        serial_pattern: Option<String> = None, Optional(Text);
        /// The largest file that is taken, in bytes, up to 16 GiB.
        max_upload: u64 = 10 << 20, Integer::new(1, 16 << 30);
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
