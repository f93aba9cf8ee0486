//! What has happened, all that is held, and the end of it.

use super::{
    NO_STORE, cookies,
    owner::{Admin, Owner},
};
use crate::wire::{AuditPage, Before, DeleteBody, EntryBody, ExportBody};
use crate::{AuditEntry, Auth};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use uuid::Uuid;
use vitrine_edge::{Cursor, Json, Limit, Problem, Query};

/// Entries of a page.
type PageLimit = Limit<50, 200>;

#[derive(Debug, Deserialize)]
pub(super) struct AuditQuery {
    cursor: Option<Cursor<Before>>,
    #[serde(default)]
    limit: PageLimit,
}

#[derive(Debug, Deserialize)]
pub(super) struct AuditOfQuery {
    account: Option<Uuid>,
    cursor: Option<Cursor<Before>>,
    #[serde(default)]
    limit: PageLimit,
}

/// What has happened to the caller's account, the last one first.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/api/v1/auth/audit", operation_id = "listAudit", tag = "auth", security(("accessToken" = [])),
    params(
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "50 unless asked otherwise."),
    ),
    responses((status = 200, description = "A page.", body = AuditPage), super::openapi::Listing),
))]
pub(super) async fn audit(
    State(auth): State<Auth>,
    Owner(actor): Owner,
    Query(query): Query<AuditQuery>,
) -> Result<Response, Problem> {
    let before = query.cursor.map(|Cursor(before)| before.entry);
    Ok(page(auth.audit(actor, before, query.limit.get()).await?))
}

/// What has happened to any account, or to all, for admins.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/api/v1/auth/admin/audit", operation_id = "listAuditOfAll", tag = "auth",
    security(("accessToken" = [])),
    params(
        ("account" = Option<Uuid>, Query, description = "Only what is about this account."),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "50 unless asked otherwise."),
    ),
    responses((status = 200, description = "A page.", body = AuditPage), super::openapi::Listing),
))]
pub(super) async fn audit_of(
    State(auth): State<Auth>,
    Admin(actor): Admin,
    Query(query): Query<AuditOfQuery>,
) -> Result<Response, Problem> {
    let before = query.cursor.map(|Cursor(before)| before.entry);
    Ok(page(auth.audit_of(actor, query.account, before, query.limit.get()).await?))
}

fn page((entries, more): (Vec<AuditEntry>, bool)) -> Response {
    let next_cursor = entries.last().filter(|_| more).map(|entry| Cursor(Before { entry: entry.id }));
    let items = entries.into_iter().map(EntryBody::from).collect();
    ([NO_STORE], Json::<AuditPage>(AuditPage { items, next_cursor })).into_response()
}

/// All that auth holds of the caller, but for what it holds as a hash.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/api/v1/auth/export", operation_id = "exportData", tag = "auth", security(("accessToken" = [])),
    responses((status = 200, description = "All of it.", body = ExportBody), super::openapi::WithToken),
))]
pub(super) async fn export(State(auth): State<Auth>, Owner(actor): Owner) -> Result<impl IntoResponse, Problem> {
    let export = auth.export(actor).await?;
    Ok(([NO_STORE], Json::<ExportBody>(ExportBody::new(export, actor.session))))
}

/// Deletes the account, and all that other services hold of it.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/api/v1/auth/delete-account", operation_id = "deleteAccount", tag = "auth",
    security(("accessToken" = [])), request_body = DeleteBody,
    responses((status = 204, description = "It is gone; other services follow."), super::openapi::SteppingUp),
))]
pub(super) async fn delete(
    State(auth): State<Auth>,
    Owner(actor): Owner,
    Json(body): Json<DeleteBody>,
) -> Result<impl IntoResponse, Problem> {
    auth.delete_account(actor, &body.password, body.totp.as_deref()).await?;
    Ok((StatusCode::NO_CONTENT, cookies::cleared()))
}
