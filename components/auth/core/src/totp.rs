//! Codes of authenticators (RFC 6238: SHA-1, six digits, 30 seconds), and codes for who has lost one.

use crate::Error;
use qrcode::{QrCode, render::svg};
use totp_rs::{Builder, Totp};
use vitrine_clock::Timestamp;
use vitrine_random::{Random, bytes};

/// Recovery codes that an account is given.
const RECOVERY_CODES: usize = 10;

/// Letters and figures that are not mistaken for each other: 32 of them, five bits each.
const ALPHABET: &str = "abcdefghijkmnpqrstuvwxyz23456789";

/// Groups of four characters of a recovery code: 80 bits, which nobody tries out, also not on stolen hashes.
const GROUPS: usize = 4;

/// The secret of an authenticator: 160 bits (RFC 4226, section 4). It is never shown in messages.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Authenticator([u8; 20]);

impl Authenticator {
    /// A secret that nobody else has.
    pub(crate) fn generate(random: &dyn Random) -> Self {
        Self(bytes(random))
    }

    /// A secret that was stored.
    pub(crate) fn stored(secret: &[u8]) -> Option<Self> {
        secret.try_into().ok().map(Self)
    }

    /// What is stored.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The step of 30 seconds whose code this is, if it is that of now, the one before or the one after. A code of a step that
    /// was used already is to be refused.
    pub(crate) fn step_of(&self, code: &str, now: Timestamp) -> Result<Option<i64>, Error> {
        let code: String = code.chars().filter(|c| *c != ' ').collect();
        let seconds = u64::try_from(now.as_seconds()).unwrap_or(0);
        let step = self.totp()?.check(&code, seconds);
        Ok(step.and_then(|step| i64::try_from(step).ok()))
    }

    /// What an authenticator is told: as text to be typed, as an address, and as a picture of that to be scanned.
    pub(crate) fn setup(&self, handle: &str) -> Result<Setup, Error> {
        let secret = totp_rs::Secret::from(self.0).to_base32();
        // A handle has no characters that an address could not hold.
        let url =
            format!("otpauth://totp/Vitrine:{handle}?secret={secret}&issuer=Vitrine&algorithm=SHA1&digits=6&period=30");
        let code = QrCode::new(url.as_bytes()).map_err(|error| Error::Failed(error.to_string()))?;
        let qr_svg = code.render::<svg::Color<'_>>().min_dimensions(240, 240).build();
        Ok(Setup { secret, url, qr_svg })
    }

    fn totp(&self) -> Result<Totp, Error> {
        Builder::new().with_secret(self.0).build().map_err(|error| Error::Failed(error.to_string()))
    }
}

impl std::fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authenticator")
    }
}

/// What is shown once, to set up an authenticator.
#[derive(Clone, PartialEq, Eq)]
pub struct Setup {
    /// The secret in base32, to be typed.
    pub secret: String,
    /// `otpauth://…`, to be opened on the device itself.
    pub url: String,
    /// The same as a QR code: an SVG document.
    pub qr_svg: String,
}

impl std::fmt::Debug for Setup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Setup")
    }
}

/// New recovery codes, such as `k7hw-2bqd-xx9m-r4te`.
pub(crate) fn recovery_codes(random: &dyn Random) -> Vec<String> {
    let code = |_| {
        let groups: Vec<String> =
            (0..GROUPS).map(|_| bytes::<4>(random).into_iter().filter_map(letter).collect()).collect();
        groups.join("-")
    };
    (0..RECOVERY_CODES).map(code).collect()
}

fn letter(byte: u8) -> Option<char> {
    ALPHABET.chars().nth(usize::from(byte % 32))
}

/// A recovery code as it is hashed: in small letters, without what people put between them. `None` if it is none.
pub(crate) fn recovery_code(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).map(|c| c.to_ascii_lowercase()).collect();
    (plain.len() == 4 * GROUPS && plain.chars().all(|c| ALPHABET.contains(c))).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_random::SeededRandom;

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B; six of the eight digits.
        let authenticator = Authenticator::stored(b"12345678901234567890").unwrap();
        for (seconds, code, step) in
            [(59, "287082", 1), (1_111_111_109, "081804", 37_037_036), (20_000_000_000, "353130", 666_666_666)]
        {
            let at = |offset: i64| authenticator.step_of(code, Timestamp::from_seconds(seconds + offset)).unwrap();
            assert_eq!(at(0), Some(step));
            assert_eq!((at(30), at(90)), (Some(step), None), "{code}");
        }
        for wrong in ["", "287083", "28708", "2870820", "abcdef", "２８７０８２", "287082\u{0}"] {
            assert_eq!(authenticator.step_of(wrong, Timestamp::from_seconds(59)).unwrap(), None, "{wrong}");
        }
        assert_eq!(Authenticator::stored(b"short"), None);
    }

    #[test]
    fn an_authenticator_is_told_all_it_needs() {
        let setup = Authenticator::stored(b"12345678901234567890").unwrap().setup("ada").unwrap();
        assert_eq!(setup.secret, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert!(setup.url.contains(&setup.secret) && setup.url.starts_with("otpauth://totp/Vitrine:ada?"));
        assert!(setup.qr_svg.contains("<svg") && !setup.qr_svg.contains("script"));
        assert!(!format!("{setup:?}").contains(&setup.secret));
    }

    #[test]
    fn recovery_codes_differ_and_are_read_however_they_are_typed() {
        let codes = recovery_codes(&SeededRandom::new(1));
        let different: std::collections::BTreeSet<_> = codes.iter().map(|code| recovery_code(code).unwrap()).collect();
        assert_eq!((codes.len(), different.len()), (10, 10));
        let code = codes.first().unwrap();
        let typed = code.to_uppercase().replace('-', " ");
        assert_eq!(recovery_code(&typed), recovery_code(code));
        for bad in ["", "123456", "aaaa-aaaa-aaaa-aaa", "aaaa-aaaa-aaaa-aaa0", "ääää-ääää-ääää-ääää"] {
            assert_eq!(recovery_code(bad), None, "{bad}");
        }
    }
}
