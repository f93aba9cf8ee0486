//! Hashing passwords with argon2id (RFC 9106).

use crate::{Error, Password};
use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::{self, phc::PasswordHash},
};
use std::fmt;
use vitrine_random::{Random, bytes};

/// The costs are outside of what this service can bear or should accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("argon2 takes 1024 to 65536 KiB of memory, 1 to 10 iterations and a parallelism of 1 to 4")]
pub struct InvalidCost;

/// Hashes and checks passwords, at one cost.
#[derive(Clone)]
pub struct Hashing {
    argon2: Argon2<'static>,
    /// The hash of a password that nobody has, checked when there is no account to check, so that an unknown login takes
    /// as long as a wrong password.
    nobody: String,
}

impl Hashing {
    /// Hashing at this cost. A guess costs an attacker at least what it costs here; one hash at a time must fit into
    /// the memory of the component.
    ///
    /// # Errors
    /// See [`InvalidCost`].
    pub fn new(memory_kib: u32, iterations: u32, parallelism: u32, random: &dyn Random) -> Result<Self, InvalidCost> {
        let bearable =
            (1024..=65_536).contains(&memory_kib) && (1..=10).contains(&iterations) && (1..=4).contains(&parallelism);
        if !bearable {
            return Err(InvalidCost);
        }
        let params = Params::new(memory_kib, iterations, parallelism, None).map_err(|_| InvalidCost)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = hash(&argon2, &bytes::<32>(random), random).map_err(|_| InvalidCost)?;
        Ok(Self { argon2, nobody })
    }

    /// The hash of `password` with a fresh salt, as a PHC string.
    ///
    /// # Errors
    /// [`Error::Hashing`] if there is not enough memory.
    pub fn hash(&self, password: &Password, random: &dyn Random) -> Result<String, Error> {
        hash(&self.argon2, password.as_bytes(), random).map_err(hashing)
    }

    /// Whether `password` is the one of `stored`, at the cost that `stored` names. Without either, it takes the time of
    /// a check and says no.
    ///
    /// # Errors
    /// [`Error::Hashing`] if `stored` is no PHC string, or there is not enough memory.
    pub fn verify(&self, password: Option<&Password>, stored: Option<&str>) -> Result<bool, Error> {
        let given = password.map_or(b"".as_slice(), Password::as_bytes);
        let hash = PasswordHash::new(stored.unwrap_or(&self.nobody)).map_err(|error| hashing(error.into()))?;
        match self.argon2.verify_password(given, &hash) {
            Ok(()) => Ok(password.is_some() && stored.is_some()),
            Err(password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(hashing(error)),
        }
    }
}

fn hash(argon2: &Argon2<'_>, password: &[u8], random: &dyn Random) -> Result<String, password_hash::Error> {
    let hash: PasswordHash = argon2.hash_password_with_salt(password, &bytes::<16>(random))?;
    Ok(hash.to_string())
}

fn hashing(error: password_hash::Error) -> Error {
    Error::Hashing(error.to_string())
}

impl fmt::Debug for Hashing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hashing").field("params", self.argon2.params()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_random::SeededRandom;

    #[test]
    fn a_password_is_known_again_and_no_other() {
        let random = SeededRandom::new(1);
        let hashing = Hashing::new(1024, 1, 1, &random).unwrap();
        let (right, wrong) = (Password::parse("right password").unwrap(), Password::parse("wrong password").unwrap());
        let stored = hashing.hash(&right, &random).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=1024,t=1,p=1$"), "{stored}");
        assert_ne!(stored, hashing.hash(&right, &random).unwrap());
        assert_eq!(hashing.verify(Some(&right), Some(&stored)), Ok(true));
        assert_eq!(hashing.verify(Some(&wrong), Some(&stored)), Ok(false));
        assert_eq!(hashing.verify(Some(&right), None), Ok(false));
        assert_eq!(hashing.verify(None, Some(&stored)), Ok(false));
        assert!(matches!(hashing.verify(Some(&right), Some("plain text")), Err(Error::Hashing(_))));
    }

    #[test]
    fn the_cost_of_a_stored_hash_is_kept() {
        let random = SeededRandom::new(2);
        let password = Password::parse("a password").unwrap();
        let stored = Hashing::new(1024, 2, 1, &random).unwrap().hash(&password, &random).unwrap();
        let dearer = Hashing::new(2048, 1, 1, &random).unwrap();
        assert_eq!(dearer.verify(Some(&password), Some(&stored)), Ok(true));
    }

    #[test]
    fn costs_out_of_bounds_are_refused() {
        for (memory, iterations, parallelism) in
            [(0, 1, 1), (1023, 1, 1), (65_537, 1, 1), (1024, 0, 1), (1024, 11, 1), (1024, 1, 0), (1024, 1, 5)]
        {
            let refused = Hashing::new(memory, iterations, parallelism, &SeededRandom::new(3));
            assert_eq!(refused.unwrap_err(), InvalidCost);
        }
    }
}
