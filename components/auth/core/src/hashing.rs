//! Hashing passwords with argon2id (RFC 9106).

use crate::{Error, Password};
use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::{self, phc::PasswordHash},
};
use std::{
    fmt,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use vitrine_random::{Random, bytes};

/// The costs are not acceptable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCost {
    /// They are outside of what this service can bear.
    #[error("argon2 takes 1024 to 65536 KiB of memory, 1 to 10 iterations and a parallelism of 1 to 4")]
    OutOfBounds,
    /// They are below what OWASP asks for, and this is no deployment for tests.
    #[error(
        "argon2 below 19456 KiB of memory with 2 iterations, or what costs as much (OWASP), is for tests only: raise \
         `argon2_memory_kib` or `argon2_iterations`, or set `deployment` to `test`"
    )]
    TooCheap,
}

/// What the deployment is for, by the variable `deployment`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deployment {
    /// People use it.
    Production,
    /// Somebody tries it out on a laptop.
    Development,
    /// Tests run on it, with passwords that are nobody's.
    Test,
}

impl FromStr for Deployment {
    type Err = InvalidDeployment;

    fn from_str(word: &str) -> Result<Self, InvalidDeployment> {
        match word {
            "production" => Ok(Self::Production),
            "development" => Ok(Self::Development),
            "test" => Ok(Self::Test),
            _ => Err(InvalidDeployment),
        }
    }
}

/// The word is none of those that a deployment is called by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is `production`, `development` or `test`")]
pub struct InvalidDeployment;

/// Memory in KiB and iterations that cost an attacker the same (OWASP, Password Storage Cheat Sheet).
const OWASP: [(u32, u32); 5] = [(47_104, 1), (19_456, 2), (12_288, 3), (9_216, 4), (7_168, 5)];

/// Hashes and checks passwords, at one cost.
#[derive(Clone)]
pub struct Hashing {
    argon2: Argon2<'static>,
    /// The hash of a password that nobody has, checked when there is no account to check, so that an unknown login takes
    /// as long as a wrong password.
    nobody: String,
    /// How often argon2 has run. Clones count together.
    runs: Arc<AtomicU64>,
}

impl Hashing {
    /// Hashing at this cost. A guess costs an attacker at least what it costs here; one hash at a time must fit into
    /// the memory of the component. Only tests may hash more cheaply than OWASP asks for.
    ///
    /// # Errors
    /// See [`InvalidCost`].
    pub fn new(
        memory_kib: u32,
        iterations: u32,
        parallelism: u32,
        deployment: Deployment,
        random: &dyn Random,
    ) -> Result<Self, InvalidCost> {
        let bearable =
            (1024..=65_536).contains(&memory_kib) && (1..=10).contains(&iterations) && (1..=4).contains(&parallelism);
        if !bearable {
            return Err(InvalidCost::OutOfBounds);
        }
        let enough = OWASP.iter().any(|(memory, times)| memory_kib >= *memory && iterations >= *times);
        if !enough && deployment != Deployment::Test {
            return Err(InvalidCost::TooCheap);
        }
        let params = Params::new(memory_kib, iterations, parallelism, None).map_err(|_| InvalidCost::OutOfBounds)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = hash(&argon2, &bytes::<32>(random), random).map_err(|_| InvalidCost::OutOfBounds)?;
        Ok(Self { argon2, nobody, runs: Arc::default() })
    }

    /// How often argon2 has run here: nearly all of the time that a request takes which looks at a password.
    #[must_use]
    pub fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }

    /// The hash of `password` with a fresh salt, as a PHC string.
    ///
    /// # Errors
    /// [`Error::Hashing`] if there is not enough memory.
    pub fn hash(&self, password: &Password, random: &dyn Random) -> Result<String, Error> {
        self.runs.fetch_add(1, Ordering::Relaxed);
        hash(&self.argon2, password.as_bytes(), random).map_err(hashing)
    }

    /// Whether `stored` was made at another cost than this one: then it is made anew when the password is known.
    #[must_use]
    pub fn is_outdated(&self, stored: &str) -> bool {
        PasswordHash::new(stored).is_ok_and(|hash| {
            Params::try_from(&hash).is_ok_and(|params| {
                let cost = |it: &Params| (it.m_cost(), it.t_cost(), it.p_cost());
                cost(&params) != cost(self.argon2.params())
            })
        })
    }

    /// Whether `password` is the one of `stored`, at the cost that `stored` names. Without either, it takes the time of
    /// a check and says no.
    ///
    /// # Errors
    /// [`Error::Hashing`] if `stored` is no PHC string, or there is not enough memory.
    pub fn verify(&self, password: Option<&Password>, stored: Option<&str>) -> Result<bool, Error> {
        self.runs.fetch_add(1, Ordering::Relaxed);
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
        let hashing = Hashing::new(1024, 1, 1, Deployment::Test, &random).unwrap();
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
        let stored = Hashing::new(1024, 2, 1, Deployment::Test, &random).unwrap().hash(&password, &random).unwrap();
        let dearer = Hashing::new(2048, 1, 1, Deployment::Test, &random).unwrap();
        assert_eq!(dearer.verify(Some(&password), Some(&stored)), Ok(true));
        assert!(dearer.is_outdated(&stored));
        assert!(!dearer.is_outdated(&dearer.hash(&password, &random).unwrap()));
    }

    #[test]
    fn costs_out_of_bounds_are_refused() {
        for (memory, iterations, parallelism) in
            [(0, 1, 1), (1023, 1, 1), (65_537, 1, 1), (1024, 0, 1), (1024, 11, 1), (1024, 1, 0), (1024, 1, 5)]
        {
            let refused = Hashing::new(memory, iterations, parallelism, Deployment::Test, &SeededRandom::new(3));
            assert_eq!(refused.unwrap_err(), InvalidCost::OutOfBounds);
        }
    }

    #[test]
    fn only_tests_may_be_cheap() {
        let new = |memory, iterations, deployment| {
            Hashing::new(memory, iterations, 1, deployment, &SeededRandom::new(4)).map(drop)
        };
        for deployment in [Deployment::Production, Deployment::Development] {
            for (memory, iterations) in [(1024, 1), (19_455, 2), (19_456, 1), (7_168, 4), (1024, 10)] {
                assert_eq!(new(memory, iterations, deployment), Err(InvalidCost::TooCheap), "{memory} {iterations}");
            }
            assert_eq!(new(7_168, 5, deployment), Ok(()));
        }
        assert_eq!(new(1024, 1, Deployment::Test), Ok(()));
        assert_eq!("production".parse(), Ok(Deployment::Production));
        assert_eq!("prod".parse::<Deployment>(), Err(InvalidDeployment));
    }
}
