//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a client that does not know whether its request took
//! effect sends it again with the same key, and gets the first answer.
//!
//! The first answer is stored in the same transaction as the effect, so there is never one without the other. A key
//! belongs to one caller on one route, for 24 hours. Only an answer with an effect is kept: a request that was refused
//! changed nothing, and is judged anew when it comes again.
//!
//! A service lists [`IDEMPOTENCY_SQL`] as one of its migrations. There are two ways to use a key:
//!
//! - [`Idempotency::once`], for a request that is small and ends in one transaction. Of two at the same time one waits for
//!   the other and gets its answer.
//! - [`Idempotency::claim`], for a request that takes long, such as one whose body streams: another one with the same key
//!   is told meanwhile that the first is at work (409).
//!
//! ```
//! # use axum::extract::State;
//! # use vitrine_idempotency::{Answer, Answered, Idempotency, KeyedJson};
//! # #[derive(serde::Deserialize)] struct Order { id: String, amount: i64 }
//! # #[derive(Clone)] struct Orders { idempotency: Idempotency }
//! # #[derive(Debug)] struct Error;
//! # impl From<vitrine_db::DbError> for Error { fn from(_: vitrine_db::DbError) -> Self { Self } }
//! # impl From<vitrine_idempotency::Error> for Error { fn from(_: vitrine_idempotency::Error) -> Self { Self } }
//! async fn create(State(orders): State<Orders>, request: KeyedJson<Order>) -> Result<Answered, Error> {
//!     let (attempt, order) = request.by("the caller's account");
//!     orders.idempotency.once(&attempt, |tx| {
//!         let (id, amount) = (order.id.clone(), order.amount);
//!         async move {
//!             tx.execute("INSERT INTO orders (id, amount) VALUES ($1, $2)", [id.into(), amount.into()]).await?;
//!             Ok(Answer::json(axum::http::StatusCode::CREATED, &"ordered")?)
//!         }
//!     })
//!     .await
//! }
//! ```
#![forbid(unsafe_code)]

mod answer;
mod attempt;
mod body;
mod claim;
mod error;
mod fingerprint;
mod key;
mod once;
mod store;

pub use answer::{Answer, Answered, REPLAYED};
pub use attempt::{Attempt, KeyedJson, Slot, Target};
pub use body::{Unreadable, sha256_of};
pub use claim::{Claim, Held, Recorded};
pub use error::Error;
pub use fingerprint::Fingerprint;
pub use key::{IdempotencyKey, LONGEST_KEY};
pub use once::{Idempotency, KEPT};

/// The table of keys, as one migration of a service. Its name is `idempotency_keys`.
pub const IDEMPOTENCY_SQL: &str = include_str!("idempotency.sql");
