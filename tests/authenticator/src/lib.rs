//! A browser with an authenticator for passkeys (WebAuthn Level 3), in software: what it answers can be made wrong in every way.
#![forbid(unsafe_code)]
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ciborium::Value as Cbor;
use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Flags of the authenticator (WebAuthn Level 3, section 6.1).
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const ATTESTED: u8 = 0x40;
const EXTENDED: u8 = 0x80;

/// A passkey, and the browser that it is used by.
#[derive(Debug, Clone)]
pub struct Authenticator {
    id: [u8; 16],
    key: SigningKey,
    /// Whose it is; set when it is made.
    pub user: Option<String>,
    /// Where the browser is.
    pub origin: String,
    /// What it takes the app for.
    pub rp_id: String,
    /// Whether it has seen its owner.
    pub verified: bool,
    /// How often it has signed, as it tells.
    pub counter: u32,
    /// How it protects the passkey (CTAP 2.1, credProtect), where it does.
    pub protects: Option<u8>,
    /// What the browser says about the passkey that it has made.
    pub results: Value,
}

impl Authenticator {
    /// One at `https://vitrine.example` that differs from those with other numbers.
    ///
    /// # Panics
    /// With the number 0, which is no key.
    #[must_use]
    pub fn new(number: u8) -> Self {
        Self::of([number; 16], [number; 32])
    }

    /// One of this id and this private key.
    ///
    /// # Panics
    /// When that is no key: when it is 0, or near the largest number.
    #[must_use]
    pub fn of(id: [u8; 16], key: [u8; 32]) -> Self {
        Self {
            id,
            key: SigningKey::from_slice(&key).unwrap(),
            user: None,
            origin: "https://vitrine.example".to_owned(),
            rp_id: "vitrine.example".to_owned(),
            verified: true,
            counter: 0,
            protects: None,
            results: json!({}),
        }
    }

    /// What it calls the passkey, as base64url.
    #[must_use]
    pub fn id(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.id)
    }

    /// Makes the passkey that is asked for: a `RegistrationResponseJSON`.
    ///
    /// # Panics
    /// When the options do not say for whom.
    pub fn make(&mut self, options: &Value) -> Value {
        self.user = Some(options["user"]["id"].as_str().unwrap().to_owned());
        let client_data = self.client_data("webauthn.create", options);
        let mut data = self.data(ATTESTED | self.protects.map_or(0, |_| EXTENDED));
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(self.id);
        data.extend(self.public_key());
        if let Some(policy) = self.protects {
            data.extend(written(&Cbor::Map(vec![(Cbor::from("credProtect"), Cbor::from(policy))])));
        }
        let object = Cbor::Map(vec![
            (Cbor::from("fmt"), Cbor::from("none")),
            (Cbor::from("attStmt"), Cbor::Map(vec![])),
            (Cbor::from("authData"), Cbor::Bytes(data)),
        ]);
        json!({
            "id": self.id(), "rawId": self.id(), "type": "public-key", "authenticatorAttachment": "platform",
            "clientExtensionResults": self.results,
            "response": {
                "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data),
                "attestationObject": URL_SAFE_NO_PAD.encode(written(&object)),
                "transports": ["internal"],
            },
        })
    }

    /// Signs what is asked for: an `AuthenticationResponseJSON`.
    #[must_use]
    pub fn sign(&self, options: &Value) -> Value {
        let client_data = self.client_data("webauthn.get", options);
        let data = self.data(0);
        let signed = [data.as_slice(), Sha256::digest(&client_data).as_slice()].concat();
        let signature: Signature = self.key.sign(&signed);
        json!({
            "id": self.id(), "rawId": self.id(), "type": "public-key", "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data),
                "authenticatorData": URL_SAFE_NO_PAD.encode(data),
                "signature": URL_SAFE_NO_PAD.encode(signature.to_der().as_bytes()),
                "userHandle": self.user,
            },
        })
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let challenge = &options["challenge"];
        json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false })
            .to_string()
            .into_bytes()
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let verified = if self.verified { VERIFIED } else { 0 };
        let mut data = Sha256::digest(&self.rp_id).to_vec();
        data.push(flags | PRESENT | verified);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// As COSE writes it (RFC 9053): ES256 on P-256.
    fn public_key(&self) -> Vec<u8> {
        let point = self.key.verifying_key().to_encoded_point(false);
        written(&Cbor::Map(vec![
            (Cbor::from(1), Cbor::from(2)),
            (Cbor::from(3), Cbor::from(-7)),
            (Cbor::from(-1), Cbor::from(1)),
            (Cbor::from(-2), Cbor::Bytes(point.x().unwrap().to_vec())),
            (Cbor::from(-3), Cbor::Bytes(point.y().unwrap().to_vec())),
        ]))
    }
}

fn written(value: &Cbor) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}
