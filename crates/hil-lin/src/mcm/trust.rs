//! Which certificate is taken.

use std::sync::{Arc, OnceLock};

use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{self, CertificateError, ClientConfig, DigitallySignedStruct, SignatureScheme};

use super::Fingerprint;

/// Takes the pinned certificate, or any; remembers which it was.
///
/// Names, dates and issuers are not looked at: the device's certificate is right in none of them. The
/// handshake's signature is checked all the same, so whoever shows a certificate has its key.
#[derive(Debug)]
pub(super) struct Trust {
    pinned: Option<Fingerprint>,
    seen: OnceLock<Fingerprint>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Trust {
    /// A connector that takes the certificate `pinned`, or any, and what it will have seen.
    pub(super) fn connector(pinned: Option<Fingerprint>) -> Result<(TlsConnector, Arc<Self>), rustls::Error> {
        let provider: Arc<CryptoProvider> = Arc::new(ring::default_provider());
        let algorithms = provider.signature_verification_algorithms;
        let trust = Arc::new(Self { pinned, seen: OnceLock::new(), algorithms });
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::<Self>::clone(&trust))
            .with_no_client_auth();
        Ok((TlsConnector::from(Arc::new(config)), trust))
    }

    /// The certificate that was shown.
    pub(super) fn seen(&self) -> Option<Fingerprint> {
        self.seen.get().copied()
    }

    /// The pinned certificate and the one that was shown in its place.
    pub(super) fn mix_up(&self) -> Option<(Fingerprint, Fingerprint)> {
        let (pinned, seen) = (self.pinned?, self.seen()?);
        (pinned != seen).then_some((pinned, seen))
    }
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let shown = Fingerprint::of(end_entity);
        if *self.seen.get_or_init(|| shown) == shown && self.pinned.is_none_or(|pinned| pinned == shown) {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
