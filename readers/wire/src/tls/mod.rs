//! TLS records, hellos, and decryption with logged secrets.
