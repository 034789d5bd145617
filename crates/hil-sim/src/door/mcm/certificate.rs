//! The certificate that the device shows.

use std::fmt::Write as _;
use std::io;
use std::sync::Arc;

use rcgen::{CertificateParams, DnType, KeyPair};
use sha2::{Digest, Sha256};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::rustls::version::TLS12;

/// A self-signed certificate, made anew; the real device's is RSA-2048 and always the same.
///
/// Yields who accepts connections with it, and its SHA-256.
pub(super) fn self_signed() -> io::Result<(TlsAcceptor, String)> {
    // Names that never are those it is reached by, as with the real device.
    let names = vec!["mcm-00000".to_owned(), "192.168.9.2".to_owned()];
    let mut params = CertificateParams::new(names).map_err(io::Error::other)?;
    params.distinguished_name.push(DnType::CommonName, "Melexis Compact Master LIN");
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let certificate = params.self_signed(&key).map_err(io::Error::other)?;
    let mut fingerprint = String::new();
    for byte in Sha256::digest(certificate.der()) {
        let colon = if fingerprint.is_empty() { "" } else { ":" };
        // Writing to a string cannot fail.
        let _ = write!(fingerprint, "{colon}{byte:02X}");
    }
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS12])
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.into())
        .map_err(io::Error::other)?;
    Ok((TlsAcceptor::from(Arc::new(config)), fingerprint))
}
