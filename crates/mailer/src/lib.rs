//! The mailer port: mail to people.
//!
//! A mailer tries once. Whoever must lose no mail keeps what is to be sent in a table of its own and tries again, as auth
//! does; the id of a mail is the same each time, so that a mail API that knows it sends it once.
#![forbid(unsafe_code)]

mod http;
mod mailbox;

pub use http::{HttpMailer, InvalidApi};
pub use mailbox::{MAILBOX_SQL, Mailbox, Received};

use futures::future::BoxFuture;
use std::fmt;
use uuid::Uuid;

/// One mail, in plain text.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// The same each time that it is tried.
    pub id: Uuid,
    /// The address of the recipient.
    pub to: String,
    /// One line.
    pub subject: String,
    /// The text. It may hold a secret for its recipient.
    pub text: String,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Why a mail was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// It may be taken later. Whether it was sent all the same is not known.
    #[error("the mail could not be handed over: {0}")]
    Later(String),
    /// It is refused, and would be refused again.
    #[error("the mail was refused: {0}")]
    Refused(String),
}

/// Sends mail.
pub trait Mailer: fmt::Debug + Send + Sync + 'static {
    /// Hands one mail over.
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>>;
}
