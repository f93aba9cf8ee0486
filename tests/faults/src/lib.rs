//! Faults, really injected, on the demo pair of `tests/guests`: what was acknowledged takes effect exactly once, whatever is
//! killed, stopped, cut off, doubled or full meanwhile.
//!
//! The app is [`Demo`] in one process, or [`Split`] over two with a [`Proxy`] in each call between its components. What it
//! promised is written down by the client, in an [`Account`] that the app cannot touch, and compared with the rows of its databases,
//! which are read without it. [`kills`] is the harness that kills it at random points.
//!
//! `tests/hosts.rs` has two processes of the product on the same servers, which must be one app to those who use it.
//!
//! - `VITRINE_TEST_POSTGRES`, `VITRINE_TEST_REDIS`, `VITRINE_TEST_S3`: the servers; what needs one that is not named is not run,
//!   which is a failure where `VITRINE_MUST_RUN` is set.
//! - `VITRINE_BIN`: where the host is.
#![forbid(unsafe_code)]

mod account;
mod binding;
mod client;
mod demo;
mod dice;
pub mod kills;
mod load;
mod proxy;
mod split;
mod tables;
mod wait;

pub use account::{Account, Row, Verdict};
pub use binding::Binding;
pub use client::{Client, Reply};
pub use demo::{Demo, Tokens};
pub use dice::Dice;
pub use load::{Load, Refusals};
pub use proxy::{Act, Call, Proxy};
pub use split::Split;
pub use tables::Tables;
pub use wait::until;

/// Makes two tests of each function `async fn(Binding) -> anyhow::Result<()>`: one on SQLite, one on the PostgreSQL server of
/// the environment, where there is one.
#[macro_export]
macro_rules! on_each {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                super::$name($crate::Binding::Embedded).await.unwrap();
            })+
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                if let Some(binding) = $crate::Binding::given() {
                    super::$name(binding).await.unwrap();
                }
            })+
        }
    };
}
