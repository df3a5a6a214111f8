//! Cipher suites that are decrypted, with their names (IANA, "TLS Cipher Suites", 2025).

/// How records are protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bulk {
    Aes128Gcm,
    Aes256Gcm,
    ChaCha20Poly1305,
    Aes128Ccm,
    Aes256Ccm,
    Aes128Ccm8,
    Aes256Ccm8,
    /// AES in CBC mode with an HMAC.
    Aes128Cbc(Hash),
    Aes256Cbc(Hash),
}

impl Bulk {
    /// Bytes of a key for one direction.
    pub(super) const fn key_len(self) -> usize {
        match self {
            Self::Aes128Gcm | Self::Aes128Ccm | Self::Aes128Ccm8 | Self::Aes128Cbc(_) => 16,
            _ => 32,
        }
    }

    /// Bytes of a MAC key for one direction; none for an AEAD.
    pub(super) const fn mac_len(self) -> usize {
        match self {
            Self::Aes128Cbc(hash) | Self::Aes256Cbc(hash) => hash.len(),
            _ => 0,
        }
    }

    /// Bytes that TLS 1.2 and before derive for the fixed part of the nonce, or for the first IV.
    pub(super) const fn iv_len(self) -> usize {
        match self {
            Self::ChaCha20Poly1305 => 12,
            Self::Aes128Cbc(_) | Self::Aes256Cbc(_) => 16,
            _ => 4,
        }
    }
}

/// A hash function, of a MAC or of the key schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha1,
    Sha256,
    Sha384,
}

impl Hash {
    /// Bytes of its output.
    pub(crate) const fn len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
        }
    }
}

/// One suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Suite {
    pub(super) id: u16,
    pub(super) bulk: Bulk,
    /// Of the key schedule of TLS 1.3 or the PRF of TLS 1.2.
    pub(super) hash: Hash,
}

impl Suite {
    /// The suite with this number, if its records can be decrypted.
    pub(super) fn find(id: u16) -> Option<Self> {
        let (_, _, bulk, hash) = *row(id)?;
        Some(Self { id, bulk, hash })
    }

    /// Whether it is of TLS 1.3.
    pub(super) const fn is_tls13(id: u16) -> bool {
        id >> 8 == 0x13
    }
}

/// The name of a suite that is decrypted; `None` for others.
pub fn suite_name(id: u16) -> Option<&'static str> {
    row(id).map(|row| row.1)
}

type Row = (u16, &'static str, Bulk, Hash);

fn row(id: u16) -> Option<&'static Row> {
    let index = TABLE.binary_search_by_key(&id, |row| row.0).ok()?;
    TABLE.get(index)
}

/// In the order of the numbers.
#[rustfmt::skip]
static TABLE: &[Row] = &[
    (0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA", Bulk::Aes128Cbc(Hash::Sha1), Hash::Sha256),
    (0x0030, "TLS_DH_DSS_WITH_AES_128_CBC_SHA", Bulk::Aes128Cbc(Hash::Sha1), Hash::Sha256),
    (0x0031, "TLS_DH_RSA_WITH_AES_128_CBC_SHA", Bulk::Aes128Cbc(Hash::Sha1), Hash::Sha256),
    (0x0032, "TLS_DHE_DSS_WITH_AES_128_CBC_SHA", Bulk::Aes128Cbc(Hash::Sha1), Hash::Sha256),
    (0x0033, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA", Bulk::Aes128Cbc(Hash::Sha1), Hash::Sha256),
    (0x0034, "TLS_DH_anon_WITH_AES_128_CBC_SHA", Bulk::Aes128Cbc(Hash::Sha1), Hash::Sha256),
    (0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA", Bulk::Aes256Cbc(Hash::Sha1), Hash::Sha256),
    (0x0036, "TLS_DH_DSS_WITH_AES_256_CBC_SHA", Bulk::Aes256Cbc(Hash::Sha1), Hash::Sha256),
    (0x0037, "TLS_DH_RSA_WITH_AES_256_CBC_SHA", Bulk::Aes256Cbc(Hash::Sha1), Hash::Sha256),
    (0x0038, "TLS_DHE_DSS_WITH_AES_256_CBC_SHA", Bulk::Aes256Cbc(Hash::Sha1), Hash::Sha256),
    (0x0039, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA", Bulk::Aes256Cbc(Hash::Sha1), Hash::Sha256),
    (0x003a, "TLS_DH_anon_WITH_AES_256_CBC_SHA", Bulk::Aes256Cbc(Hash::Sha1), Hash::Sha256),
    (0x003c, "TLS_RSA_WITH_AES_128_CBC_SHA256", Bulk::Aes128Cbc(Hash::Sha256), Hash::Sha256),
    (0x003d, "TLS_RSA_WITH_AES_256_CBC_SHA256", Bulk::Aes256Cbc(Hash::Sha256), Hash::Sha256),
    (0x003e, "TLS_DH_DSS_WITH_AES_128_CBC_SHA256", Bulk::Aes128Cbc(Hash::Sha256), Hash::Sha256),
    (0x003f, "TLS_DH_RSA_WITH_AES_128_CBC_SHA256", Bulk::Aes128Cbc(Hash::Sha256), Hash::Sha256),
    (0x0040, "TLS_DHE_DSS_WITH_AES_128_CBC_SHA256", Bulk::Aes128Cbc(Hash::Sha256), Hash::Sha256),
    (0x0067, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256", Bulk::Aes128Cbc(Hash::Sha256), Hash::Sha256),
    (0x0068, "TLS_DH_DSS_WITH_AES_256_CBC_SHA256", Bulk::Aes256Cbc(Hash::Sha256), Hash::Sha256),
    (0x0069, "TLS_DH_RSA_WITH_AES_256_CBC_SHA256", Bulk::Aes256Cbc(Hash::Sha256), Hash::Sha256),
    (0x006a, "TLS_DHE_DSS_WITH_AES_256_CBC_SHA256", Bulk::Aes256Cbc(Hash::Sha256), Hash::Sha256),
    (0x006b, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256", Bulk::Aes256Cbc(Hash::Sha256), Hash::Sha256),
    (0x006c, "TLS_DH_anon_WITH_AES_128_CBC_SHA256", Bulk::Aes128Cbc(Hash::Sha256), Hash::Sha256),
    (0x006d, "TLS_DH_anon_WITH_AES_256_CBC_SHA256", Bulk::Aes256Cbc(Hash::Sha256), Hash::Sha256),
    (0x008c, "TLS_PSK_WITH_AES_128_CBC_SHA", Bulk::Aes128Cbc(Hash::Sha1), Hash::Sha256),
    (0x008d, "TLS_PSK_WITH_AES_256_CBC_SHA", Bulk::Aes256Cbc(Hash::Sha1), Hash::Sha256),
    (0x0090, "TLS_DHE_PSK_WITH_AES_128_CBC_SHA", Bulk::Aes128Cbc(Hash::Sha1), Hash::Sha256),
    (0x0091, "TLS_DHE_PSK_WITH_AES_256_CBC_SHA", Bulk::Aes256Cbc(Hash::Sha1), Hash::Sha256),
    (0x0094, "TLS_RSA_PSK_WITH_AES_128_CBC_SHA", Bulk::Aes128Cbc(Hash::Sha1), Hash::Sha256),
    (0x0095, "TLS_RSA_PSK_WITH_AES_256_CBC_SHA", Bulk::Aes256Cbc(Hash::Sha1), Hash::Sha256),
    (0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256", Bulk::Aes128Gcm, Hash::Sha256),
    (0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384", Bulk::Aes256Gcm, Hash::Sha384),
    (0x009e, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", Bulk::Aes128Gcm, Hash::Sha256),
    (0x009f, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", Bulk::Aes256Gcm, Hash::Sha384),
    (0x00a0, "TLS_DH_RSA_WITH_AES_128_GCM_SHA256", Bulk::Aes128Gcm, Hash::Sha256),
    (0x00a1, "TLS_DH_RSA_WITH_AES_256_GCM_SHA384", Bulk::Aes256Gcm, Hash::Sha384),
    (0x00a2, "TLS_DHE_DSS_WITH_AES_128_GCM_SHA256", Bulk::Aes128Gcm, Hash::Sha256),
    (0x00a3, "TLS_DHE_DSS_WITH_AES_256_GCM_SHA384", Bulk::Aes256Gcm, Hash::Sha384),
    (0x00a4, "TLS_DH_DSS_WITH_AES_128_GCM_SHA256", Bulk::Aes128Gcm, Hash::Sha256),
    (0x00a5, "TLS_DH_DSS_WITH_AES_256_GCM_SHA384", Bulk::Aes256Gcm, Hash::Sha384),
    (0x00a6, "TLS_DH_anon_WITH_AES_128_GCM_SHA256", Bulk::Aes128Gcm, Hash::Sha256),
    (0x00a7, "TLS_DH_anon_WITH_AES_256_GCM_SHA384", Bulk::Aes256Gcm, Hash::Sha384),
    (0x00a8, "TLS_PSK_WITH_AES_128_GCM_SHA256", Bulk::Aes128Gcm, Hash::Sha256),
    (0x00a9, "TLS_PSK_WITH_AES_256_GCM_SHA384", Bulk::Aes256Gcm, Hash::Sha384),
    (0x00aa, "TLS_DHE_PSK_WITH_AES_128_GCM_SHA256", Bulk::Aes128Gcm, Hash::Sha256),
    (0x00ab, "TLS_DHE_PSK_WITH_AES_256_GCM_SHA384", Bulk::Aes256Gcm, Hash::Sha384),
    (0x00ac, "TLS_RSA_PSK_WITH_AES_128_GCM_SHA256", Bulk::Aes128Gcm, Hash::Sha256),
    (0x00ad, "TLS_RSA_PSK_WITH_AES_256_GCM_SHA384", Bulk::Aes256Gcm, Hash::Sha384),
    (0x00ae, "TLS_PSK_WITH_AES_128_CBC_SHA256", Bulk::Aes128Cbc(Hash::Sha256), Hash::Sha256),
    (0x00af, "TLS_PSK_WITH_AES_256_CBC_SHA384", Bulk::Aes256Cbc(Hash::Sha384), Hash::Sha384),
    (0x00b2, "TLS_DHE_PSK_WITH_AES_128_CBC_SHA256", Bulk::Aes128Cbc(Hash::Sha256), Hash::Sha256),
    (0x00b3, "TLS_DHE_PSK_WITH_AES_256_CBC_SHA384", Bulk::Aes256Cbc(Hash::Sha384), Hash::Sha384),
    (0x00b6, "TLS_RSA_PSK_WITH_AES_128_CBC_SHA256", Bulk::Aes128Cbc(Hash::Sha256), Hash::Sha256),
    (0x00b7, "TLS_RSA_PSK_WITH_AES_256_CBC_SHA384", Bulk::Aes256Cbc(Hash::Sha384), Hash::Sha384),
    (0x1301, "TLS_AES_128_GCM_SHA256", Bulk::Aes128Gcm, Hash::Sha256),
    (0x1302, "TLS_AES_256_GCM_SHA384", Bulk::Aes256Gcm, Hash::Sha384),
    (0x1303, "TLS_CHACHA20_POLY1305_SHA256", Bulk::ChaCha20Poly1305, Hash::Sha256),
    (0x1304, "TLS_AES_128_CCM_SHA256", Bulk::Aes128Ccm, Hash::Sha256),
    (0x1305, "TLS_AES_128_CCM_8_SHA256", Bulk::Aes128Ccm8, Hash::Sha256),
    (0xc004, "TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA", Bulk::Aes128Cbc(Hash::Sha1), Hash::Sha256),
    (0xc005, "TLS_ECDH_ECDSA_WITH_AES_256_CBC_SHA", Bulk::Aes256Cbc(Hash::Sha1), Hash::Sha256),
    (0xc009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", Bulk::Aes128Cbc(Hash::Sha1), Hash::Sha256),
    (0xc00a, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", Bulk::Aes256Cbc(Hash::Sha1), Hash::Sha256),
    (0xc00e, "TLS_ECDH_RSA_WITH_AES_128_CBC_SHA", Bulk::Aes128Cbc(Hash::Sha1), Hash::Sha256),
    (0xc00f, "TLS_ECDH_RSA_WITH_AES_256_CBC_SHA", Bulk::Aes256Cbc(Hash::Sha1), Hash::Sha256),
    (0xc013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", Bulk::Aes128Cbc(Hash::Sha1), Hash::Sha256),
    (0xc014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", Bulk::Aes256Cbc(Hash::Sha1), Hash::Sha256),
    (0xc018, "TLS_ECDH_anon_WITH_AES_128_CBC_SHA", Bulk::Aes128Cbc(Hash::Sha1), Hash::Sha256),
    (0xc019, "TLS_ECDH_anon_WITH_AES_256_CBC_SHA", Bulk::Aes256Cbc(Hash::Sha1), Hash::Sha256),
    (0xc023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", Bulk::Aes128Cbc(Hash::Sha256), Hash::Sha256),
    (0xc024, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", Bulk::Aes256Cbc(Hash::Sha384), Hash::Sha384),
    (0xc025, "TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA256", Bulk::Aes128Cbc(Hash::Sha256), Hash::Sha256),
    (0xc026, "TLS_ECDH_ECDSA_WITH_AES_256_CBC_SHA384", Bulk::Aes256Cbc(Hash::Sha384), Hash::Sha384),
    (0xc027, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", Bulk::Aes128Cbc(Hash::Sha256), Hash::Sha256),
    (0xc028, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", Bulk::Aes256Cbc(Hash::Sha384), Hash::Sha384),
    (0xc029, "TLS_ECDH_RSA_WITH_AES_128_CBC_SHA256", Bulk::Aes128Cbc(Hash::Sha256), Hash::Sha256),
    (0xc02a, "TLS_ECDH_RSA_WITH_AES_256_CBC_SHA384", Bulk::Aes256Cbc(Hash::Sha384), Hash::Sha384),
    (0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", Bulk::Aes128Gcm, Hash::Sha256),
    (0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", Bulk::Aes256Gcm, Hash::Sha384),
    (0xc02d, "TLS_ECDH_ECDSA_WITH_AES_128_GCM_SHA256", Bulk::Aes128Gcm, Hash::Sha256),
    (0xc02e, "TLS_ECDH_ECDSA_WITH_AES_256_GCM_SHA384", Bulk::Aes256Gcm, Hash::Sha384),
    (0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", Bulk::Aes128Gcm, Hash::Sha256),
    (0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", Bulk::Aes256Gcm, Hash::Sha384),
    (0xc031, "TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256", Bulk::Aes128Gcm, Hash::Sha256),
    (0xc032, "TLS_ECDH_RSA_WITH_AES_256_GCM_SHA384", Bulk::Aes256Gcm, Hash::Sha384),
    (0xc035, "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA", Bulk::Aes128Cbc(Hash::Sha1), Hash::Sha256),
    (0xc036, "TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA", Bulk::Aes256Cbc(Hash::Sha1), Hash::Sha256),
    (0xc037, "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256", Bulk::Aes128Cbc(Hash::Sha256), Hash::Sha256),
    (0xc038, "TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA384", Bulk::Aes256Cbc(Hash::Sha384), Hash::Sha384),
    (0xc09c, "TLS_RSA_WITH_AES_128_CCM", Bulk::Aes128Ccm, Hash::Sha256),
    (0xc09d, "TLS_RSA_WITH_AES_256_CCM", Bulk::Aes256Ccm, Hash::Sha256),
    (0xc09e, "TLS_DHE_RSA_WITH_AES_128_CCM", Bulk::Aes128Ccm, Hash::Sha256),
    (0xc09f, "TLS_DHE_RSA_WITH_AES_256_CCM", Bulk::Aes256Ccm, Hash::Sha256),
    (0xc0a0, "TLS_RSA_WITH_AES_128_CCM_8", Bulk::Aes128Ccm8, Hash::Sha256),
    (0xc0a1, "TLS_RSA_WITH_AES_256_CCM_8", Bulk::Aes256Ccm8, Hash::Sha256),
    (0xc0a2, "TLS_DHE_RSA_WITH_AES_128_CCM_8", Bulk::Aes128Ccm8, Hash::Sha256),
    (0xc0a3, "TLS_DHE_RSA_WITH_AES_256_CCM_8", Bulk::Aes256Ccm8, Hash::Sha256),
    (0xc0a4, "TLS_PSK_WITH_AES_128_CCM", Bulk::Aes128Ccm, Hash::Sha256),
    (0xc0a5, "TLS_PSK_WITH_AES_256_CCM", Bulk::Aes256Ccm, Hash::Sha256),
    (0xc0a6, "TLS_DHE_PSK_WITH_AES_128_CCM", Bulk::Aes128Ccm, Hash::Sha256),
    (0xc0a7, "TLS_DHE_PSK_WITH_AES_256_CCM", Bulk::Aes256Ccm, Hash::Sha256),
    (0xc0a8, "TLS_PSK_WITH_AES_128_CCM_8", Bulk::Aes128Ccm8, Hash::Sha256),
    (0xc0a9, "TLS_PSK_WITH_AES_256_CCM_8", Bulk::Aes256Ccm8, Hash::Sha256),
    (0xc0aa, "TLS_PSK_DHE_WITH_AES_128_CCM_8", Bulk::Aes128Ccm8, Hash::Sha256),
    (0xc0ab, "TLS_PSK_DHE_WITH_AES_256_CCM_8", Bulk::Aes256Ccm8, Hash::Sha256),
    (0xc0ac, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM", Bulk::Aes128Ccm, Hash::Sha256),
    (0xc0ad, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM", Bulk::Aes256Ccm, Hash::Sha256),
    (0xc0ae, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", Bulk::Aes128Ccm8, Hash::Sha256),
    (0xc0af, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8", Bulk::Aes256Ccm8, Hash::Sha256),
    (0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", Bulk::ChaCha20Poly1305, Hash::Sha256),
    (0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", Bulk::ChaCha20Poly1305, Hash::Sha256),
    (0xccaa, "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256", Bulk::ChaCha20Poly1305, Hash::Sha256),
    (0xccab, "TLS_PSK_WITH_CHACHA20_POLY1305_SHA256", Bulk::ChaCha20Poly1305, Hash::Sha256),
    (0xccac, "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256", Bulk::ChaCha20Poly1305, Hash::Sha256),
    (0xccad, "TLS_DHE_PSK_WITH_CHACHA20_POLY1305_SHA256", Bulk::ChaCha20Poly1305, Hash::Sha256),
    (0xccae, "TLS_RSA_PSK_WITH_CHACHA20_POLY1305_SHA256", Bulk::ChaCha20Poly1305, Hash::Sha256),
    (0xd001, "TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256", Bulk::Aes128Gcm, Hash::Sha256),
    (0xd002, "TLS_ECDHE_PSK_WITH_AES_256_GCM_SHA384", Bulk::Aes256Gcm, Hash::Sha384),
    (0xd003, "TLS_ECDHE_PSK_WITH_AES_128_CCM_8_SHA256", Bulk::Aes128Ccm8, Hash::Sha256),
    (0xd005, "TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256", Bulk::Aes128Ccm, Hash::Sha256),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_names_agree_with_ciphers() {
        assert!(TABLE.is_sorted_by(|a, b| a.0 < b.0));
        for (id, name, bulk, hash) in TABLE {
            let key = if bulk.key_len() == 16 { "128" } else { "256" };
            assert!(name.contains("CHACHA20") || name.contains(&format!("AES_{key}")), "{name}");
            assert_eq!(name.contains("CBC"), bulk.mac_len() > 0, "{name}");
            assert_eq!(*hash == Hash::Sha384, name.ends_with("SHA384"), "{name}");
            assert_eq!(Suite::is_tls13(*id), !name.contains("WITH"), "{name}");
        }
    }
}
