//! A local Azure: HIMDS, ARM, Key Vault and Blob on loopback.
