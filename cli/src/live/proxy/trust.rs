//! Which servers are believed to be who they say: those that the machine trusts, and those of the files that were named.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::regular_file;

/// No list of roots is longer.
const MOST_BYTES: u64 = 16 << 20;

/// The client's side of TLS, without protocols above it.
pub(super) fn client(more: &[PathBuf]) -> anyhow::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    let native = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(native.certs);
    for path in more {
        let shown = path.display();
        let text =
            regular_file::read_small(path, MOST_BYTES).with_context(|| format!("cannot read {shown}"))?;
        let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&text)
            .collect::<Result<_, _>>()
            .with_context(|| format!("{shown} is no PEM file of certificates"))?;
        let (added, _) = roots.add_parsable_certificates(certificates);
        if added == 0 {
            bail!("{shown} holds no certificate");
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .context("cannot set up TLS")?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// The same for servers that speak one of these protocols.
pub(super) fn speaking(config: &ClientConfig, protocols: &[&str]) -> Arc<ClientConfig> {
    let mut config = config.clone();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    Arc::new(config)
}
