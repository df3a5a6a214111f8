//! The local certificate authority, and the certificates that it makes for the hosts that are looked into.
//!
//! The authority's name is made of its key, so that the key alone is enough to sign. All hosts share one key, which is made
//! at the start and never written.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use sha2::{Digest, Sha256};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::regular_file::{self, hex};
use crate::whole_file::{self, IfThere, PRIVATE, PUBLIC};
use crate::{clock, random};

/// The names of the two files.
const KEY: &str = "ca.key";
const CERTIFICATE: &str = "ca.pem";
/// A certificate of a host is made anew after a day, and holds for a month.
const MADE_ANEW: Duration = Duration::from_hours(24);
const DAYS: u32 = 30;
/// The authority holds for ten years.
const CA_DAYS: u32 = 3650;
/// Hosts whose certificates are kept; then all are forgotten.
const MOST_HOSTS: usize = 1024;
const DAY: Duration = Duration::from_hours(24);

/// Makes certificates for hosts.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    leaf: KeyPair,
    hosts: Mutex<HashMap<String, (Instant, Arc<ServerConfig>)>>,
}

impl Authority {
    /// Makes a new authority in a folder; gives the path of its certificate.
    pub(crate) fn init(folder: &Path) -> anyhow::Result<std::path::PathBuf> {
        let shown = folder.display();
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {shown}"))?;
        let key = KeyPair::generate().context("cannot make a key")?;
        let certificate = params_of_authority(&key)?.self_signed(&key).context("cannot sign")?;
        let (key_path, path) = (folder.join(KEY), folder.join(CERTIFICATE));
        for (path, bytes, mode) in
            [(&key_path, key.serialize_pem(), PRIVATE), (&path, certificate.pem(), PUBLIC)]
        {
            whole_file::put(path, bytes.as_bytes(), mode, IfThere::Fail)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(path)
    }

    /// Where the certificate of an authority is.
    pub(crate) fn certificate_path(folder: &Path) -> std::path::PathBuf {
        folder.join(CERTIFICATE)
    }

    /// Opens the authority of a folder.
    pub(super) fn open(folder: &Path) -> anyhow::Result<Self> {
        let (key_path, path) = (folder.join(KEY), folder.join(CERTIFICATE));
        let shown = key_path.display();
        #[cfg(unix)]
        {
            let metadata = std::fs::metadata(&key_path).with_context(|| format!("cannot look at {shown}"))?;
            if std::os::unix::fs::MetadataExt::mode(&metadata) & 0o077 != 0 {
                bail!("others can read {shown}: chmod 600 it, or make another with `coldcase ca init`");
            }
        }
        let read = |path: &Path| {
            let bytes = regular_file::read_small(path, 1 << 20)
                .with_context(|| format!("cannot read {}", path.display()))?;
            String::from_utf8(bytes).with_context(|| format!("{} is no PEM file", path.display()))
        };
        let key = KeyPair::from_pem(&read(&key_path)?).with_context(|| format!("{shown} holds no key"))?;
        let certificate = CertificateDer::from_pem_slice(read(&path)?.as_bytes())
            .with_context(|| format!("{} holds no certificate", path.display()))?;
        // What a certificate says of its key stands in it byte for byte.
        let public = key.public_key_raw();
        if !certificate.windows(public.len()).any(|window| window == public) {
            bail!("{} is not the certificate of {shown}", path.display());
        }
        let issuer = Issuer::new(params_of_authority(&key)?, key);
        let leaf = KeyPair::generate().context("cannot make a key")?;
        Ok(Self { issuer, certificate, leaf, hosts: Mutex::default() })
    }

    /// The server's side of TLS for a host.
    pub(super) fn server(&self, host: &str) -> anyhow::Result<Arc<ServerConfig>> {
        let lock = || self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((made, config)) = lock().get(host)
            && made.elapsed() < MADE_ANEW
        {
            return Ok(Arc::clone(config));
        }
        let config = Arc::new(self.make(host)?);
        let mut hosts = lock();
        if hosts.len() >= MOST_HOSTS {
            hosts.clear();
        }
        hosts.insert(host.to_owned(), (Instant::now(), Arc::clone(&config)));
        Ok(config)
    }

    fn make(&self, host: &str) -> anyhow::Result<ServerConfig> {
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let mut params =
            CertificateParams::new(vec![bare.to_owned()]).context("no name for a certificate")?;
        params.distinguished_name = DistinguishedName::new();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.use_authority_key_identifier_extension = true;
        params.serial_number = Some(random::bytes::<16>()?.to_vec().into());
        valid_for(&mut params, DAYS);
        let certificate = params.signed_by(&self.leaf, &self.issuer).context("cannot sign")?;
        let key = PrivateKeyDer::try_from(self.leaf.serialize_der()).map_err(anyhow::Error::msg)?;
        let chain = vec![certificate.der().clone(), self.certificate.clone()];
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .context("cannot set up TLS")?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .context("cannot use a certificate")?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }
}

/// From yesterday on, for so many days.
fn valid_for(params: &mut CertificateParams, days: u32) {
    let since = u32::try_from(clock::now() / 86_400_000_000_000).unwrap_or_default();
    let today = date_time_ymd(1970, 1, 1) + DAY * since;
    (params.not_before, params.not_after) = (today - DAY, today + DAY * days);
}

fn params_of_authority(key: &KeyPair) -> anyhow::Result<CertificateParams> {
    let mut params = CertificateParams::new(Vec::new()).context("no name for a certificate")?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let mut name = DistinguishedName::new();
    let id = hex(Sha256::digest(key.public_key_raw()).get(..4).unwrap_or_default());
    name.push(DnType::CommonName, format!("Coldcase local CA {id}"));
    params.distinguished_name = name;
    valid_for(&mut params, CA_DAYS);
    Ok(params)
}
