//! Addresses on their way to people: without what may be a secret in them.

/// A text with the URL of a store or a server in it, as it may be shown: without user, password and options.
///
/// What is no URL stays as it is, unless it names a password.
pub fn shown_url(text: &str) -> String {
    let Some(scheme) = text.find("://") else {
        return match text.find("password=") {
            Some(at) => format!("{}password=…", &text[..at]),
            None => text.to_owned(),
        };
    };
    let (scheme, rest) = text.split_at(scheme + "://".len());
    // A password may have any character in it, so it is the last `@` that counts. One behind a `?` may belong to an
    // option, or the `?` to the password: then nobody can tell the host.
    let (user, host) = rest.rsplit_once('@').unwrap_or(("", rest));
    if user.contains(['?', '#']) {
        return format!("{scheme}…");
    }
    let end = host.find(['?', '#']).unwrap_or(host.len());
    format!("{scheme}{}", &host[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::path("/data/runs?.sqlite", "/data/runs?.sqlite")]
    #[case::sqlite("sqlite:///data/a b.sqlite", "sqlite:///data/a b.sqlite")]
    #[case::user("postgres://hil:secret@db:5433/lab", "postgres://db:5433/lab")]
    #[case::at("postgres://a@b:secret@db", "postgres://db")]
    #[case::slash("postgres://hil:se/secret@db/lab", "postgres://db/lab")]
    #[case::option("postgres://lab/x?password=secret&nope=1", "postgres://lab/x")]
    #[case::both("postgres://hil:secret@lab/x?password=secret", "postgres://lab/x")]
    #[case::question_mark("postgres://hil:a?secret@db/lab", "postgres://…")]
    #[case::option_with_at("postgres://lab/x?password=a@secret", "postgres://…")]
    #[case::fragment("https://lab/x#secret", "https://lab/x")]
    #[case::typo("postgres:/lab?password=secret", "postgres:/lab?password=…")]
    #[case::assignment("record.store=postgres://hil:secret@db/lab", "record.store=postgres://db/lab")]
    fn what_may_be_secret_is_left_out(#[case] text: &str, #[case] shown: &str) {
        assert_eq!(shown_url(text), shown);
    }
}
