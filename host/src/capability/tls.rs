//! TLS towards servers: whoever the system trusts, and the authority that a guest brings.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::sync::{Arc, OnceLock};

/// Certificates of an authority, as PEM text.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Authority(Arc<str>);

impl Authority {
    /// Checks that the text holds certificates.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let authority = Self(text.into());
        authority.add_to(&mut RootCertStore::empty())?;
        Ok(authority)
    }

    fn add_to(&self, roots: &mut RootCertStore) -> Result<(), String> {
        self.certificates()?
            .into_iter()
            .try_for_each(|certificate| roots.add(certificate).map_err(|error| error.to_string()))
    }

    fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, String> {
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(self.0.as_bytes()).collect();
        match found {
            Ok(certificates) if certificates.is_empty() => Err("there is no certificate in it".to_owned()),
            Ok(certificates) => Ok(certificates),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Settings that trust the system's authorities and this one.
///
/// # Errors
/// What is wrong with the authority, or with the library's own settings.
pub(super) fn settings(authority: Option<&Authority>) -> Result<ClientConfig, String> {
    let mut roots = system().clone();
    if let Some(authority) = authority {
        authority.add_to(&mut roots)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

/// Reading the system's certificates takes some milliseconds, so it is done once.
fn system() -> &'static RootCertStore {
    static SYSTEM: OnceLock<RootCertStore> = OnceLock::new();
    SYSTEM.get_or_init(|| {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        for error in found.errors {
            tracing::warn!(%error, "a certificate of the system cannot be read: servers that it vouches for are not trusted");
        }
        roots.add_parsable_certificates(found.certs);
        roots
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_without_a_certificate_is_no_authority() {
        assert!(Authority::parse("").is_err());
        assert!(Authority::parse("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----").is_err());
        assert!(settings(None).is_ok());
    }
}
