//! What each error says outside.

use crate::Error;
use std::time::Duration;
use vitrine_edge::{Kind, Problem};

/// How long someone is asked to wait when the database is busy.
const BUSY: Duration = Duration::from_secs(1);

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let reason = error.reason();
        let problem = problem(error);
        match reason {
            Some(reason) => problem.with_member("reason", reason),
            None => problem,
        }
    }
}

fn problem(error: Error) -> Problem {
    match error {
        Error::Invalid(fields) => {
            let problem = Problem::unprocessable("Some values are not acceptable; see `errors`.");
            let add = |problem: Problem, error: &crate::FieldError| {
                problem.with_field(&error.field.to_string(), error.detail)
            };
            fields.iter().fold(problem, add)
        }
        Error::Taken(field) => {
            Problem::conflict(&format!("Another account has that {field}; choose another, or log in."))
                .with_field(&field.to_string(), "Another account has it.")
        }
        Error::WrongCredentials => Problem::unauthorized("Login and password do not belong together."),
        Error::WrongPassword => Problem::forbidden("The password is not the one of this account."),
        Error::TotpRequired => Problem::unauthorized("The account has a second factor; send a code of it as `totp`."),
        Error::WrongTotp => Problem::unauthorized("The code is wrong, or was used before; wait for the next one."),
        Error::CodeRequired => Problem::forbidden("The account has a second factor; send a code of it as `totp`."),
        Error::WrongCode => Problem::forbidden("The code is wrong, or was used before; wait for the next one."),
        Error::TotpEnabled => Problem::conflict("There is a second factor already; take it away first."),
        Error::TooManyAttempts { retry_after } => {
            // Rounded up: who comes back when told to is let in.
            let seconds = retry_after + Duration::from_millis(999);
            let detail = "There were too many attempts. Wait for the time in Retry-After, or have the password reset.";
            Problem::new(Kind::RateLimited, detail).with_retry_after(seconds)
        }
        Error::InvalidRefresh => {
            Problem::unauthorized("The refresh token is not valid, or not any more; log in again.")
        }
        Error::InvalidToken => Problem::unprocessable("The token is not valid, or not any more; ask for another mail.")
            .with_field("token", "It is unknown, used or expired."),
        Error::InvalidApiKey => vitrine_identity::invalid_token("The API key is not valid, or not any more."),
        Error::TooManyKeys => Problem::conflict("The account has 50 API keys; revoke one that is not used."),
        Error::WrongPasskey(why) => {
            Problem::unprocessable("The passkey is not what was asked for; begin again.").with_field("credential", &why)
        }
        Error::PasskeyRefused => Problem::unauthorized(
            "The passkey was not accepted: it is unknown, or the answer is late or wrong. Begin again.",
        ),
        Error::PasskeyTaken => Problem::conflict("That passkey was added before."),
        Error::TooManyPasskeys => Problem::conflict("The account has 20 passkeys; remove one that is not used."),
        Error::SessionEnded => vitrine_identity::invalid_token("The session has ended; log in again."),
        Error::NotAllowed(why) => Problem::forbidden(why),
        Error::NotFound(what) => Problem::not_found(&format!("There is no such {what}, or it is not yours.")),
        Error::Changed => Problem::precondition_failed(
            "It is not, or not any more, what If-Match names. Read it again, and use its new ETag.",
        ),
        Error::Db(error) if error.is_transient() => Problem::unavailable(BUSY, &error),
        Error::Kv(error) => Problem::unavailable(BUSY, &error),
        Error::Hashing(_) | Error::Failed(_) | Error::Db(_) => Problem::internal(&error),
    }
}
