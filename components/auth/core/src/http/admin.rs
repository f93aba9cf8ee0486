//! What operators and admins do.

use super::{NO_STORE, owner::Admin};
use crate::wire::{AccountBody, MailBody, MailboxBody, RolesBody};
use crate::{Auth, Role};
use axum::{extract::State, response::IntoResponse};
use serde::Deserialize;
use std::time::Duration;
use uuid::Uuid;
use vitrine_edge::{Json, Limit, Path, Problem, Query};
use vitrine_mailer::Mailbox;

#[derive(Debug, Deserialize)]
pub(super) struct MailboxQuery {
    to: Option<String>,
    /// Mails of one answer.
    #[serde(default)]
    limit: Limit<20, 100>,
}

/// Mail that this deployment has put into its mailbox rather than sent, the last one first.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/api/v1/auth/admin/mailbox", operation_id = "readMailbox", tag = "operation", security(("adminToken" = [])),
    params(
        ("to" = Option<String>, Query, description = "Only those to this address, as it was typed at the registration."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "20 unless asked otherwise."),
    ),
    responses((status = 200, description = "The mails.", body = MailboxBody), super::openapi::Operating),
))]
pub(super) async fn mailbox(
    State(mailbox): State<Mailbox>,
    Query(query): Query<MailboxQuery>,
) -> Result<impl IntoResponse, Problem> {
    if query.to.as_deref().is_some_and(|to| to.contains('\0')) {
        return Err(Problem::bad_request("No address holds a NUL.").with_field("to", "It holds a NUL."));
    }
    let latest = mailbox.latest(query.to.as_deref(), query.limit.get()).await;
    let mails = latest.map_err(|error| Problem::unavailable(Duration::from_secs(1), &error))?;
    let items = mails.into_iter().map(MailBody::from).collect();
    Ok(([NO_STORE], Json::<MailboxBody>(MailboxBody { items })))
}

/// Gives an account these roles in place of those that it has.
///
/// Only admins may. The account's access tokens end; its sessions get new ones by a refresh.
#[cfg_attr(feature = "openapi", utoipa::path(
    put, path = "/api/v1/auth/admin/accounts/{id}/roles", operation_id = "setRoles", tag = "auth", security(("accessToken" = [])),
    params(("id" = Uuid, Path, description = "The account.")), request_body = RolesBody,
    responses((status = 200, description = "The account as it is now.", body = AccountBody), super::openapi::Administering),
))]
pub(super) async fn set_roles(
    State(auth): State<Auth>,
    Admin(actor): Admin,
    Path(id): Path<Uuid>,
    Json(body): Json<RolesBody>,
) -> Result<impl IntoResponse, Problem> {
    let parse = |word: &String| {
        let wrong = || {
            Problem::unprocessable("There is no such role.")
                .with_field("roles", "`user`, `seller`, `moderator` or `admin`.")
        };
        Role::parse(word).ok_or_else(wrong)
    };
    let roles = body.roles.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    let account = auth.set_roles(actor, id, &roles).await?;
    Ok(([NO_STORE], Json::<AccountBody>(account.into())))
}
