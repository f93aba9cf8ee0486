//! The behaviour that every [`Keys`] must give [`crate::Blobs`].
//!
//! Each case gets an empty store of its own. Natively [`crate::blob_suite!`] makes a test of each case; a component runs
//! [`CASES`] by itself, each in a [`Corner`] of its one store, and reports what failed.

mod corner;
mod keys;
mod reading;
mod writing;

pub use corner::Corner;

use crate::{Blobs, Keys};
use bytes::Bytes;
use futures::{Stream, future::BoxFuture, stream};
use std::{fmt, sync::Arc};
use vitrine_random::SystemRandom;

/// Why a case failed.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure(pub String);

// `Failure` is no `std::error::Error` itself, so that every error becomes one with `?`.
impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// What a case comes to.
pub type Outcome = Result<(), Failure>;

/// One thing that an adapter must do right.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// What it is about, as the name of a test.
    pub name: &'static str,
    /// Runs it on an empty store.
    pub run: fn(Arc<dyn Keys>) -> BoxFuture<'static, Outcome>,
}

macro_rules! cases {
    ($($module:ident: $($name:ident),+;)+) => {
        /// Every case of the suite.
        pub const CASES: &[Case] = &[$($(
            Case { name: stringify!($name), run: |keys| Box::pin($module::$name(keys)) },
        )+)+];

        /// Makes a `#[tokio::test]` of each case, on the empty `Arc<dyn Keys>` that the expression gives each time.
        #[macro_export]
        macro_rules! blob_suite {
            ($make:expr) => {$($(
                #[tokio::test]
                async fn $name() {
                    $crate::suite::run(stringify!($name), $make).await.unwrap();
                }
            )+)+};
        }
    };
}

cases! {
    keys: a_value_is_what_was_set_last, keys_are_texts_of_any_kind, a_deleted_key_is_gone;
    reading: blobs_of_every_size_come_back, a_part_that_is_missing_is_an_error, what_is_not_there_is_none;
    writing: the_limit_is_kept, a_source_that_fails_leaves_nothing, an_interrupted_put_is_not_seen,
        another_put_replaces, a_failed_put_replaces_nothing, deleting_leaves_nothing;
}

/// Runs the case `name` on `keys`.
///
/// # Errors
/// What the case found wrong, or that there is no such case.
pub async fn run(name: &str, keys: Arc<dyn Keys>) -> Outcome {
    match CASES.iter().find(|case| case.name == name) {
        Some(case) => (case.run)(keys).await,
        None => Err(Failure(format!("there is no case {name}"))),
    }
}

fn blobs(keys: &Arc<dyn Keys>) -> Blobs {
    Blobs::new(Arc::clone(keys), Arc::new(SystemRandom))
}

/// `size` bytes that differ from chunk to chunk.
fn pattern(size: usize) -> Bytes {
    (0..size).map(|n| (n % 251) as u8).collect()
}

/// The source of a put broke.
#[derive(Debug, PartialEq, Eq)]
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the source broke")
    }
}

impl std::error::Error for Broken {}

/// `bytes` in pieces of uneven sizes, none of them the size of a chunk.
fn source(bytes: &Bytes) -> impl Stream<Item = Result<Bytes, Broken>> + Send + use<> {
    stream::iter(bytes.chunks(70_001).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect::<Vec<_>>())
}

/// Fails the case unless both sides are equal.
macro_rules! check_eq {
    ($left:expr, $right:expr) => {
        match (&$left, &$right) {
            (left, right) if left == right => {}
            (left, right) => {
                return Err($crate::suite::Failure(format!("line {}: {left:?} is not {right:?}", line!())));
            }
        }
    };
}
use check_eq;
