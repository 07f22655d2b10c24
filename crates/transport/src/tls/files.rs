//! Certificates and keys out of PEM files (RFC 7468).

use std::path::Path;
use std::sync::Arc;

use tokio_rustls::rustls::crypto::CryptoProvider;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio_rustls::rustls::{self, InconsistentKeys, RootCertStore};

use super::error::{Kind, TlsError};

/// A certificate chain, the holder's own first, and its private key.
pub(super) fn identity(
    chain: &Path,
    key: &Path,
    provider: &CryptoProvider,
) -> Result<Arc<SingleCertAndKey>, TlsError> {
    let certificates = certificates(chain)?;
    let private = PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|error| match error {
        pem::Error::NoItemsFound => {
            needs(key, "a private key in PEM form that is not encrypted, none found")
        }
        error => malformed(key, error),
    })?;
    let private = provider
        .key_provider
        .load_private_key(private)
        .map_err(|source| Kind::Key { path: key.to_owned(), source })?;
    let certified = CertifiedKey::new(certificates, private);
    match certified.keys_match() {
        // Of a key that cannot be compared, the first handshake tells.
        Ok(()) | Err(rustls::Error::InconsistentKeys(InconsistentKeys::Unknown)) => {
            Ok(Arc::new(certified.into()))
        }
        Err(rustls::Error::InconsistentKeys(_)) => {
            Err(Kind::OtherKey { key: key.to_owned(), certificate: chain.to_owned() }.into())
        }
        Err(error) => Err(unreadable(chain, 1, &error)),
    }
}

/// Adds the certificates that are trusted to issue others.
pub(super) fn add_roots(roots: &mut RootCertStore, path: &Path) -> Result<(), TlsError> {
    for (number, certificate) in (1..).zip(certificates(path)?) {
        roots.add(certificate).map_err(|error| unreadable(path, number, &error))?;
    }
    Ok(())
}

/// At least one.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates = CertificateDer::pem_slice_iter(&read(path)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| malformed(path, error))?;
    if certificates.is_empty() {
        return Err(needs(path, "a certificate in PEM form, none found"));
    }
    Ok(certificates)
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|source| Kind::Read { path: path.to_owned(), source }.into())
}

fn unreadable(path: &Path, number: usize, error: &rustls::Error) -> TlsError {
    let why = match error {
        // That it is a peer's, says the error around it.
        rustls::Error::InvalidCertificate(error) => error.to_string(),
        error => error.to_string(),
    };
    needs(path, format!("X.509 certificates, number {number} cannot be read: {why}"))
}

fn malformed(path: &Path, error: pem::Error) -> TlsError {
    // The errors' own texts show bytes as numbers.
    let needed = match error {
        pem::Error::MissingSectionEnd { end_marker } => {
            format!("a line `-----END {}-----`, none found", String::from_utf8_lossy(&end_marker))
        }
        pem::Error::IllegalSectionStart { line } => {
            format!("five dashes at the end of the line `{}`", String::from_utf8_lossy(&line))
        }
        pem::Error::Base64Decode(_) => "base64 between the BEGIN and END lines".to_owned(),
        error => format!("the PEM form: {error}"),
    };
    needs(path, needed)
}

fn needs(path: &Path, needed: impl Into<String>) -> TlsError {
    Kind::Needs { path: path.to_owned(), needed: needed.into() }.into()
}
