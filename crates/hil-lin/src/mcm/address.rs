//! Where the device is.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

use super::McmSettingError;

/// Where a device is: a host, `host:port`, or a whole `wss://` or `ws://` address.
///
/// An IPv6 address stands in brackets where a port follows. Without a port it is 443 (80 for `ws://`),
/// without a path `/ws/v1`. The device itself speaks TLS only; `ws://` is for a proxy in front of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct McmAddress {
    tls: bool,
    host: String,
    port: u16,
    path: String,
}

impl McmAddress {
    /// Where the device's firmware answers (hardware reference 3.1).
    const PATH: &str = "/ws/v1";

    /// Whether the connection is encrypted.
    pub const fn is_tls(&self) -> bool {
        self.tls
    }

    /// The host's name or address, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The TCP port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Host and port, as people write them.
    pub(super) fn authority(&self) -> String {
        self.authority_of(&self.host)
    }

    /// The address for the HTTP request, which cannot carry the zone of a link-local address.
    pub(super) fn request_url(&self) -> String {
        let host = self.host.split_once('%').map_or(self.host.as_str(), |(host, _zone)| host);
        format!("{}{}{}", self.scheme(), self.authority_of(host), self.path)
    }

    const fn scheme(&self) -> &'static str {
        if self.tls { "wss://" } else { "ws://" }
    }

    fn authority_of(&self, host: &str) -> String {
        if host.contains(':') { format!("[{host}]:{}", self.port) } else { format!("{host}:{}", self.port) }
    }
}

impl FromStr for McmAddress {
    type Err = McmSettingError;

    fn from_str(text: &str) -> Result<Self, McmSettingError> {
        parse(text.trim()).map_err(|why| McmSettingError::Address { text: text.to_owned(), why })
    }
}

impl fmt::Display for McmAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.scheme(), self.authority(), self.path)
    }
}

fn parse(text: &str) -> Result<McmAddress, &'static str> {
    let (tls, rest) = match text.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("wss") => (true, rest),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("ws") => (false, rest),
        Some(_) => return Err("the scheme is wss or ws"),
        None => (true, text),
    };
    let (authority, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let (host, port) = split_port(authority)?;
    if host.is_empty() {
        return Err("it names no host");
    }
    let port = match port {
        Some(port) => port.parse().ok().filter(|port| *port != 0).ok_or("a port is 1–65535")?,
        None if tls => 443,
        None => 80,
    };
    if !host.chars().all(|c| c.is_ascii_alphanumeric() || "-._:%".contains(c)) {
        return Err("a host has letters, digits, hyphens and dots");
    }
    if !path.chars().all(|c| c.is_ascii_graphic() && c != '#') {
        return Err("its path has characters that no path has");
    }
    let path = if matches!(path, "" | "/") { McmAddress::PATH } else { path };
    Ok(McmAddress { tls, host: host.to_owned(), port, path: path.to_owned() })
}

/// Takes the port off, and the brackets of an IPv6 address.
fn split_port(authority: &str) -> Result<(&str, Option<&str>), &'static str> {
    const BRACKETS: &str = "an IPv6 address with a port stands in brackets";
    if let Some(bracketed) = authority.strip_prefix('[') {
        let (host, rest) = bracketed.split_once(']').ok_or(BRACKETS)?;
        let bare = host.split_once('%').map_or(host, |(host, _zone)| host);
        if bare.parse::<Ipv6Addr>().is_err() {
            return Err("what stands in brackets is an IPv6 address");
        }
        return match rest.strip_prefix(':') {
            Some(port) => Ok((host, Some(port))),
            None if rest.is_empty() => Ok((host, None)),
            None => Err(BRACKETS),
        };
    }
    if authority.parse::<Ipv6Addr>().is_ok() {
        return Ok((authority, None));
    }
    match authority.split_once(':') {
        Some((_, rest)) if rest.contains(':') => Err(BRACKETS),
        Some((host, port)) => Ok((host, Some(port))),
        None => Ok((authority, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case::address("192.168.9.2", "wss://192.168.9.2:443/ws/v1")]
    #[case::name("mcm-0a1b2c.local:8443", "wss://mcm-0a1b2c.local:8443/ws/v1")]
    #[case::blanks(" mcm ", "wss://mcm:443/ws/v1")]
    #[case::url("wss://mcm/ws/v1/", "wss://mcm:443/ws/v1/")]
    #[case::shouted("WSS://mcm/", "wss://mcm:443/ws/v1")]
    #[case::plain("ws://127.0.0.1:8080", "ws://127.0.0.1:8080/ws/v1")]
    #[case::plain_port("ws://mcm", "ws://mcm:80/ws/v1")]
    #[case::proxied("wss://lab/mcm/3?key=1", "wss://lab:443/mcm/3?key=1")]
    #[case::ipv6("[fe80::1%eth0]:8443", "wss://[fe80::1%eth0]:8443/ws/v1")]
    #[case::ipv6_alone("[::1]", "wss://[::1]:443/ws/v1")]
    #[case::ipv6_bare("fe80::1", "wss://[fe80::1]:443/ws/v1")]
    fn every_spelling_of_an_address_is_read(#[case] text: &str, #[case] expected: &str) {
        let address: McmAddress = text.parse().unwrap();
        assert_eq!(address.to_string(), expected);
        assert_eq!(address.to_string().parse(), Ok(address));
    }

    #[rstest]
    #[case::nothing("", "it names no host")]
    #[case::no_host("wss:///ws/v1", "it names no host")]
    #[case::scheme("https://mcm", "the scheme is wss or ws")]
    #[case::port_zero("mcm:0", "a port is 1–65535")]
    #[case::port("mcm:443x", "a port is 1–65535")]
    #[case::no_port("mcm:", "a port is 1–65535")]
    #[case::user("root@mcm", "a host has letters, digits, hyphens and dots")]
    #[case::unclosed("[::1", "an IPv6 address with a port stands in brackets")]
    #[case::glued("[::1]443", "an IPv6 address with a port stands in brackets")]
    #[case::bare_with_port("fe80::1:2::443", "an IPv6 address with a port stands in brackets")]
    #[case::no_ipv6("[mcm]:443", "what stands in brackets is an IPv6 address")]
    #[case::path("mcm/a b", "its path has characters that no path has")]
    fn what_is_no_address_says_why(#[case] text: &str, #[case] why: &'static str) {
        let expected = McmSettingError::Address { text: text.to_owned(), why };
        assert_eq!(text.parse::<McmAddress>(), Err(expected));
    }

    #[test]
    fn the_zone_of_an_address_stays_at_home() {
        let address: McmAddress = "[fe80::1%eth0]".parse().unwrap();
        assert_eq!(address.request_url(), "wss://[fe80::1]:443/ws/v1");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_read_is_read_again_from_what_is_shown(text in "(wss?://)?[\\[\\]:%./a-f0-9-]{0,20}") {
            if let Ok(address) = text.parse::<McmAddress>() {
                prop_assert_eq!(address.to_string().parse(), Ok(address));
            }
        }
    }
}
