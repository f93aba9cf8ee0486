//! Leave for others to read or write one object, without a key of their own.

use crate::{
    Inner,
    read::{SHA256, damaged, is_sha256},
    signer::Signer,
    write::{CHECKSUM, checksum},
};
use std::time::Duration;
use vitrine_blob::{BlobError, Manifest, PresignedPut};

impl Inner {
    pub(crate) fn presign_get(&self, key: &str, valid: Duration) -> String {
        let action = self.signer.public.get_object(Some(&self.signer.credentials), key);
        Signer::url(self.ports.clock.now(), action, &[], valid)
    }

    pub(crate) fn presign_put(
        &self,
        key: &str,
        manifest: &Manifest,
        valid: Duration,
    ) -> Result<PresignedPut, BlobError> {
        if !is_sha256(&manifest.sha256) {
            return Err(damaged(key, "its SHA-256 is not 64 lower-case hexadecimal digits"));
        }
        let digest: Vec<u8> = manifest.sha256.as_bytes().chunks_exact(2).filter_map(byte).collect();
        let headers = [
            ("content-length", manifest.bytes.to_string()),
            (CHECKSUM, checksum(&digest)),
            (SHA256, manifest.sha256.clone()),
        ];
        let action = self.signer.public.put_object(Some(&self.signer.credentials), key);
        let url = Signer::url(self.ports.clock.now(), action, &headers, valid);
        Ok(PresignedPut { url, headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect() })
    }
}

/// Two hexadecimal digits.
fn byte(digits: &[u8]) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}
