//! Accounts and profiles.

use super::owner::Owner;
use crate::wire::{AccountBody, PasswordBody, ProfileBody, PublicBody};
use crate::{Account, Auth, ProfileChange};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use vitrine_edge::{ETag, IfMatch, Json, Path, Preconditions, Problem};
use vitrine_identity::Caller;

/// The account of the token. That of an API key needs the scope `account:read`.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/api/v1/auth/me", operation_id = "readAccount", tag = "auth", security(("accessToken" = [])),
    params(
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "The entity tags that the client knows."),
        ("If-Match" = Option<String>, Header, nullable = false, description = "The entity tags that it must have."),
    ),
    responses(
        (status = 200, description = "The account.", body = AccountBody,
            headers(("ETag" = String, description = "The strong entity tag of this answer."))),
        (status = 304, description = "It is what `If-None-Match` names.",
            headers(("ETag" = String, description = "The strong entity tag."))),
        super::openapi::Reading,
    ),
))]
pub(super) async fn me(
    State(auth): State<Auth>,
    caller: Caller,
    preconditions: Preconditions,
) -> Result<Response, Problem> {
    let account = auth.account_of(&caller).await?;
    preconditions.json(&AccountBody::from(account))
}

/// Changes what the account says about itself.
///
/// `If-Match` names the state that the change is meant for.
#[cfg_attr(feature = "openapi", utoipa::path(
    patch, path = "/api/v1/auth/me", operation_id = "updateProfile", tag = "auth", security(("accessToken" = [])), request_body = ProfileBody,
    params(("If-Match" = String, Header, description = "The `ETag` of the account as it was read.")),
    responses(
        (status = 200, description = "The account as it is now.", body = AccountBody,
            headers(("ETag" = String, description = "The strong entity tag of this answer."))),
        super::openapi::Changing,
    ),
))]
pub(super) async fn update(
    State(auth): State<Auth>,
    Owner(actor): Owner,
    if_match: IfMatch,
    Json(body): Json<ProfileBody>,
) -> Result<Response, Problem> {
    let change = ProfileChange { display_name: body.display_name.as_deref(), bio: body.bio.as_deref() };
    let known = |account: &Account| if_match.check(tag(account).as_ref()).is_ok();
    let account = auth.update_profile(actor, change, known).await?;
    let tag = tag(&account);
    let mut response = Json::<AccountBody>(account.into()).into_response();
    if let Some(tag) = tag {
        response.headers_mut().insert(header::ETAG, tag.to_header());
    }
    Ok(response)
}

/// The entity tag of an account, as [`me`] answers it.
fn tag(account: &Account) -> Option<ETag> {
    serde_json::to_vec(&AccountBody::from(account.clone())).ok().map(|body| ETag::of_bytes(&body))
}

/// Changes the password. All other sessions end.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/api/v1/auth/password", operation_id = "changePassword", tag = "auth", security(("accessToken" = [])), request_body = PasswordBody,
    responses((status = 204, description = "The password is changed."), super::openapi::SteppingUp),
))]
pub(super) async fn change_password(
    State(auth): State<Auth>,
    Owner(actor): Owner,
    Json(body): Json<PasswordBody>,
) -> Result<StatusCode, Problem> {
    auth.change_password(actor, &body.current_password, &body.new_password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What an account shows to everybody.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/api/v1/auth/profiles/{handle}", operation_id = "readProfile", tag = "auth",
    params(
        ("handle" = String, Path, pattern = "^[A-Za-z0-9_]{3,30}$", description = "Its public name in addresses, in any case."),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "The entity tags that the client knows."),
        ("If-Match" = Option<String>, Header, nullable = false, description = "The entity tags that it must have."),
    ),
    responses(
        (status = 200, description = "The profile.", body = PublicBody,
            headers(("ETag" = String, description = "The strong entity tag of this answer."))),
        (status = 304, description = "It is what `If-None-Match` names.",
            headers(("ETag" = String, description = "The strong entity tag."))),
        super::openapi::Public,
    ),
))]
pub(super) async fn profile(
    State(auth): State<Auth>,
    Path(handle): Path<String>,
    preconditions: Preconditions,
) -> Result<Response, Problem> {
    let account = auth.profile(&handle).await?;
    preconditions.json(&PublicBody::from(account))
}
