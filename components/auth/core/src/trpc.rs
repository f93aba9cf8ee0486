//! The procedures of tRPC, `/api/auth/<procedure>`: the use cases once more, in other words. Nothing is decided here.

use crate::{
    Auth, Credentials, Error, ProfileChange, Registration, SignedIn,
    http::{
        cookies::{self, REFRESH, cookie},
        owner::{Owner, Perhaps, Program},
    },
    wire::{
        AccountBody, ApiKeyBody, BeginPasskeyBody, CodeBody, CodesBody, DeleteBody, DeviceBody, DisableBody, EmailBody,
        EntryBody, ExportBody, HandleBody, IdBody, LoginBody, NewKeyBody, NewPasskeyBody, OptionsBody, PasskeyBody,
        PasskeyLoginBody, PasswordBody, ProfileBody, PublicBody, RefreshBody, RefreshedBody, RegisterBody,
        RemovePasskeyBody, ResetBody, SessionBody, SessionIdBody, SetupBody, SignedInBody, StepUpBody, TokenBody,
        TokensBody, WholeKeyBody,
    },
};
use axum::{
    extract::State,
    http::{HeaderMap, header},
};
use serde::{Deserialize, Serialize};
use vitrine_edge::Problem;
use vitrine_identity::Caller;
use vitrine_trpc::{Answer, Input, Router, TrpcError};

/// What a procedure answers that has nothing to say: `{}`.
#[derive(Debug, Serialize)]
pub(crate) struct Nothing {}

/// What a procedure is told that needs to know nothing: `{}`, or no input.
#[derive(Debug, Deserialize)]
pub(crate) struct Anybody {}

/// Entries of the audit log that one call answers.
const AUDIT: u32 = 200;

/// Passwords, codes and what makes sessions: tried once in a request, so that no batch gets around limits.
const ONCE: [&str; 16] = [
    "register",
    "login",
    "refresh",
    "changePassword",
    "resetPassword",
    "requestPasswordReset",
    "requestVerification",
    "totp.begin",
    "totp.confirm",
    "totp.disable",
    "passkeys.beginRegister",
    "passkeys.beginLogin",
    "passkeys.finishLogin",
    "passkeys.remove",
    "apiKeys.create",
    "deleteAccount",
];

impl From<Error> for TrpcError {
    fn from(error: Error) -> Self {
        Problem::from(error).into()
    }
}

/// The procedures.
pub(crate) fn procedures() -> Router<Auth> {
    let router = Router::new()
        .mutation("register", register)
        .mutation("login", login)
        .mutation("refresh", refresh)
        .mutation("logout", logout)
        .query("me", me)
        .query("profile", profile)
        .mutation("updateProfile", update_profile)
        .mutation("changePassword", change_password)
        .query("sessions", sessions)
        .mutation("revokeSession", revoke_session)
        .mutation("requestVerification", request_verification)
        .mutation("verifyEmail", verify_email)
        .mutation("requestPasswordReset", request_password_reset)
        .mutation("resetPassword", reset_password)
        .mutation("totp.begin", begin_totp)
        .mutation("totp.confirm", confirm_totp)
        .mutation("totp.disable", disable_totp)
        .mutation("passkeys.beginRegister", begin_passkey)
        .mutation("passkeys.finishRegister", finish_passkey)
        .mutation("passkeys.beginLogin", begin_passkey_login)
        .mutation("passkeys.finishLogin", finish_passkey_login)
        .query("passkeys.list", passkeys)
        .mutation("passkeys.remove", remove_passkey)
        .mutation("apiKeys.create", create_api_key)
        .query("apiKeys.list", api_keys)
        .mutation("apiKeys.revoke", revoke_api_key)
        .query("audit", audit)
        .query("exportData", export)
        .mutation("deleteAccount", delete_account);
    ONCE.into_iter().fold(router, Router::once_per_request)
}

/// Every procedure and the method by which it is called, for tests that must miss none.
#[cfg(feature = "openapi")]
#[must_use]
pub fn every_procedure() -> std::collections::BTreeSet<(&'static str, String)> {
    let method = |kind| if kind == vitrine_trpc::Kind::Mutation { "POST" } else { "GET" };
    procedures().procedures().map(|(path, kind)| (method(kind), path.to_owned())).collect()
}

/// An answer that sets these cookies.
fn with_cookies<T>(value: T, cookies: &HeaderMap) -> Answer<T> {
    let set = cookies.get_all(header::SET_COOKIE).iter();
    set.fold(Answer::new(value), |answer, cookie| answer.with_header(header::SET_COOKIE, cookie.clone()))
}

fn entered(signed_in: SignedIn, as_cookies: bool) -> Answer<SignedInBody> {
    let set = if as_cookies { cookies::of_login(&signed_in) } else { HeaderMap::new() };
    with_cookies(SignedInBody::new(signed_in, !as_cookies), &set)
}

async fn register(
    State(auth): State<Auth>,
    program: Program,
    Input(body): Input<RegisterBody>,
) -> Result<Answer<SignedInBody>, Error> {
    let registration = Registration {
        email: &body.email,
        handle: &body.handle,
        password: &body.password,
        display_name: body.display_name.as_deref(),
    };
    Ok(entered(auth.register(registration, &program.with(None)).await?, body.cookies))
}

async fn login(
    State(auth): State<Auth>,
    program: Program,
    Input(body): Input<LoginBody>,
) -> Result<Answer<SignedInBody>, Error> {
    let credentials = Credentials { login: &body.login, password: &body.password, totp: body.totp.as_deref() };
    Ok(entered(auth.login(credentials, &program.with(body.device_token)).await?, body.cookies))
}

async fn refresh(
    State(auth): State<Auth>,
    headers: HeaderMap,
    Input(body): Input<RefreshBody>,
) -> Result<Answer<RefreshedBody>, Error> {
    let token = body.refresh_token.or_else(|| cookie(&headers, REFRESH)).ok_or(Error::InvalidRefresh)?;
    let (_, tokens) = auth.refresh(&token).await?;
    let set = if body.cookies { cookies::of_tokens(&tokens) } else { HeaderMap::new() };
    Ok(with_cookies(RefreshedBody { tokens: TokensBody::new(tokens, !body.cookies) }, &set))
}

async fn logout(
    State(auth): State<Auth>,
    headers: HeaderMap,
    Input(body): Input<RefreshBody>,
) -> Result<Answer<Nothing>, Error> {
    if let Some(token) = body.refresh_token.or_else(|| cookie(&headers, REFRESH)) {
        auth.logout(&token).await?;
    }
    Ok(with_cookies(Nothing {}, &cookies::cleared()))
}

async fn me(State(auth): State<Auth>, caller: Caller) -> Result<AccountBody, Error> {
    Ok(auth.account_of(&caller).await?.into())
}

async fn profile(State(auth): State<Auth>, Input(body): Input<HandleBody>) -> Result<PublicBody, Error> {
    Ok(auth.profile(&body.handle).await?.into())
}

async fn update_profile(
    State(auth): State<Auth>,
    Owner(actor): Owner,
    Input(body): Input<ProfileBody>,
) -> Result<AccountBody, Error> {
    let change = ProfileChange { display_name: body.display_name.as_deref(), bio: body.bio.as_deref() };
    Ok(auth.update_profile(actor, change, |_| true).await?.into())
}

async fn change_password(
    State(auth): State<Auth>,
    Owner(actor): Owner,
    Input(body): Input<PasswordBody>,
) -> Result<Nothing, Error> {
    auth.change_password(actor, &body.current_password, &body.new_password).await?;
    Ok(Nothing {})
}

async fn sessions(State(auth): State<Auth>, Owner(actor): Owner) -> Result<Vec<SessionBody>, Error> {
    let sessions = auth.sessions(actor).await?;
    Ok(sessions.iter().map(|session| SessionBody::new(session, actor.session)).collect())
}

async fn revoke_session(
    State(auth): State<Auth>,
    Owner(actor): Owner,
    Input(body): Input<SessionIdBody>,
) -> Result<Nothing, Error> {
    auth.revoke_session(actor, body.session_id).await?;
    Ok(Nothing {})
}

async fn request_verification(State(auth): State<Auth>, Owner(actor): Owner) -> Result<Nothing, Error> {
    auth.request_verification(actor).await?;
    Ok(Nothing {})
}

async fn verify_email(
    State(auth): State<Auth>,
    Perhaps(by): Perhaps,
    Input(body): Input<TokenBody>,
) -> Result<Nothing, Error> {
    auth.verify_email(&body.token, by).await?;
    Ok(Nothing {})
}

async fn request_password_reset(State(auth): State<Auth>, Input(body): Input<EmailBody>) -> Result<Nothing, Error> {
    auth.request_password_reset(&body.email).await?;
    Ok(Nothing {})
}

async fn reset_password(State(auth): State<Auth>, Input(body): Input<ResetBody>) -> Result<DeviceBody, Error> {
    Ok(DeviceBody { device_token: auth.reset_password(&body.token, &body.password).await? })
}

async fn begin_totp(
    State(auth): State<Auth>,
    Owner(actor): Owner,
    Input(body): Input<StepUpBody>,
) -> Result<SetupBody, Error> {
    Ok(auth.begin_totp(actor, &body.password).await?.into())
}

async fn confirm_totp(
    State(auth): State<Auth>,
    Owner(actor): Owner,
    Input(body): Input<CodeBody>,
) -> Result<CodesBody, Error> {
    Ok(CodesBody { recovery_codes: auth.confirm_totp(actor, &body.code).await? })
}

async fn disable_totp(
    State(auth): State<Auth>,
    Owner(actor): Owner,
    Input(body): Input<DisableBody>,
) -> Result<Nothing, Error> {
    auth.disable_totp(actor, &body.password, &body.totp).await?;
    Ok(Nothing {})
}

async fn begin_passkey(
    State(auth): State<Auth>,
    Owner(actor): Owner,
    Input(body): Input<BeginPasskeyBody>,
) -> Result<OptionsBody, Error> {
    Ok(OptionsBody { public_key: auth.begin_passkey(actor, &body.password, body.totp.as_deref()).await? })
}

async fn finish_passkey(
    State(auth): State<Auth>,
    Owner(actor): Owner,
    Input(body): Input<NewPasskeyBody>,
) -> Result<PasskeyBody, Error> {
    Ok(auth.finish_passkey(actor, body.name.as_deref(), &body.credential).await?.into())
}

async fn begin_passkey_login(
    State(auth): State<Auth>,
    Input(Anybody {}): Input<Anybody>,
) -> Result<OptionsBody, Error> {
    Ok(OptionsBody { public_key: auth.begin_passkey_login().await? })
}

async fn finish_passkey_login(
    State(auth): State<Auth>,
    program: Program,
    Input(body): Input<PasskeyLoginBody>,
) -> Result<Answer<SignedInBody>, Error> {
    Ok(entered(auth.finish_passkey_login(&body.credential, &program.with(None)).await?, body.cookies))
}

async fn passkeys(State(auth): State<Auth>, Owner(actor): Owner) -> Result<Vec<PasskeyBody>, Error> {
    Ok(auth.passkeys(actor).await?.into_iter().map(PasskeyBody::from).collect())
}

async fn remove_passkey(
    State(auth): State<Auth>,
    Owner(actor): Owner,
    Input(body): Input<RemovePasskeyBody>,
) -> Result<Nothing, Error> {
    auth.remove_passkey(actor, body.id, &body.password).await?;
    Ok(Nothing {})
}

async fn create_api_key(
    State(auth): State<Auth>,
    Owner(actor): Owner,
    Input(body): Input<NewKeyBody>,
) -> Result<WholeKeyBody, Error> {
    let (api_key, key) = auth.create_api_key(actor, &body.password, &body.name, &body.scopes).await?;
    Ok(WholeKeyBody { api_key: api_key.into(), key })
}

async fn api_keys(State(auth): State<Auth>, Owner(actor): Owner) -> Result<Vec<ApiKeyBody>, Error> {
    Ok(auth.api_keys(actor).await?.into_iter().map(ApiKeyBody::from).collect())
}

async fn revoke_api_key(
    State(auth): State<Auth>,
    Owner(actor): Owner,
    Input(body): Input<IdBody>,
) -> Result<Nothing, Error> {
    auth.revoke_api_key(actor, body.id).await?;
    Ok(Nothing {})
}

async fn audit(State(auth): State<Auth>, Owner(actor): Owner) -> Result<Vec<EntryBody>, Error> {
    let (entries, _) = auth.audit(actor, None, AUDIT).await?;
    Ok(entries.into_iter().map(EntryBody::from).collect())
}

async fn export(State(auth): State<Auth>, Owner(actor): Owner) -> Result<ExportBody, Error> {
    Ok(ExportBody::new(auth.export(actor).await?, actor.session))
}

async fn delete_account(
    State(auth): State<Auth>,
    Owner(actor): Owner,
    Input(body): Input<DeleteBody>,
) -> Result<Answer<Nothing>, Error> {
    auth.delete_account(actor, &body.password, body.totp.as_deref()).await?;
    Ok(with_cookies(Nothing {}, &cookies::cleared()))
}
