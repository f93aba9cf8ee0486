//! The secrets that the manifests require: random ones are made once, and kept.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;

use crate::backends::PREFIX;
use crate::{env_file, manifests};

const SIGNING_KEY: &str = "auth_signing_key";
const PUBLIC_KEYS: &str = "auth_public_keys";

/// Adds to the file each required variable that neither it nor the environment holds, and returns their names. A variable
/// of a kind that cannot be made here is left out: the runtime then refuses to start, and names it.
pub(crate) fn complete(root: &Path, file: &Path) -> Result<Vec<String>> {
    let mut known = env_file::read(file)?;
    known.extend(std::env::vars().filter(|(name, _)| name.starts_with(PREFIX)));
    let mut values = Vec::new();
    for name in required(root)? {
        let variable = format!("{PREFIX}{}", name.to_uppercase());
        if known.contains_key(&variable) {
            continue;
        }
        if let Some(value) = make(&name, &known)? {
            known.insert(variable.clone(), value.clone());
            values.push((variable, value));
        }
    }
    if !values.is_empty() {
        env_file::append(file, &values)?;
    }
    Ok(values.into_iter().map(|(name, _)| name).collect())
}

/// Names of the required variables, the signing key before the public keys that follow from it.
fn required(root: &Path) -> Result<Vec<String>> {
    let required = manifests::variables(root)?.into_iter().filter(|(_, variable)| variable.required);
    let mut names: Vec<String> = required.map(|(name, _)| name).collect();
    names.sort_by_key(|name| name == PUBLIC_KEYS);
    Ok(names)
}

fn make(name: &str, known: &BTreeMap<String, String>) -> Result<Option<String>> {
    Ok(match name {
        PUBLIC_KEYS => Some(public_key(known)?),
        SIGNING_KEY => Some(random()?),
        token if token.ends_with("_token") => Some(random()?),
        _ => None,
    })
}

/// The public half of the signing key.
fn public_key(known: &BTreeMap<String, String>) -> Result<String> {
    let variable = format!("{PREFIX}{}", SIGNING_KEY.to_uppercase());
    let text = known.get(&variable).with_context(|| format!("{variable} is needed to make {PUBLIC_KEYS}"))?;
    let seed = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let seed = seed.with_context(|| format!("{variable} is not the base64url form of 32 bytes"))?;
    Ok(URL_SAFE_NO_PAD.encode(SigningKey::from_bytes(&seed).verifying_key().as_bytes()))
}

/// 32 bytes of the system's randomness, as base64url.
fn random() -> Result<String> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("the system gives no randomness: {error}"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(variables: &str) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("spin.toml"), format!("[variables]\n{variables}")).unwrap();
        std::fs::write(root.path().join("spin.cron.toml"), "").unwrap();
        root
    }

    #[test]
    fn secrets_are_made_once() {
        let root = root("ring_token = { required = true, secret = true }\nplain = { default = \"1\" }");
        let file = root.path().join(".env");
        assert_eq!(complete(root.path(), &file).unwrap(), ["SPIN_VARIABLE_RING_TOKEN"]);
        let first = env_file::read(&file).unwrap();
        assert_eq!(first.get("SPIN_VARIABLE_RING_TOKEN").unwrap().len(), 43);
        assert!(complete(root.path(), &file).unwrap().is_empty());
        assert_eq!(env_file::read(&file).unwrap(), first);
    }

    #[test]
    fn a_variable_that_comes_later_is_added() {
        let root = root("ring_token = { required = true }");
        let file = root.path().join(".env");
        std::fs::write(&file, "SPIN_VARIABLE_RING_TOKEN=mine\n").unwrap();
        std::fs::write(root.path().join("spin.cron.toml"), "[variables]\nnew_token = { required = true }").unwrap();
        assert_eq!(complete(root.path(), &file).unwrap(), ["SPIN_VARIABLE_NEW_TOKEN"]);
        assert_eq!(env_file::read(&file).unwrap().get("SPIN_VARIABLE_RING_TOKEN").unwrap(), "mine");
    }

    #[test]
    fn the_public_key_follows_from_the_signing_key() {
        let root = root("auth_public_keys = { required = true }\nauth_signing_key = { required = true }");
        let file = root.path().join(".env");
        complete(root.path(), &file).unwrap();
        let values = env_file::read(&file).unwrap();
        let text = |name: &str| URL_SAFE_NO_PAD.decode(values.get(name).unwrap()).unwrap();
        let seed: [u8; 32] = text("SPIN_VARIABLE_AUTH_SIGNING_KEY").try_into().unwrap();
        let public = SigningKey::from_bytes(&seed).verifying_key();
        assert_eq!(text("SPIN_VARIABLE_AUTH_PUBLIC_KEYS"), public.as_bytes());
    }

    #[test]
    fn what_cannot_be_made_is_left_to_the_runtime() {
        let root = root("smtp_password = { required = true }");
        let file = root.path().join(".env");
        assert!(complete(root.path(), &file).unwrap().is_empty());
        assert!(!file.exists());
    }
}
