//! Cookies of browsers, for those who ask for them.
//!
//! The prefix `__Host-` binds a cookie to this host and to HTTPS (RFC 6265bis, section 4.1.3.2): no neighbour can set one.
//! Scripts cannot read them. The access token goes along when somebody follows a link from elsewhere (`Lax`); what makes
//! further ones does not (`Strict`).

use crate::{SignedIn, Tokens};
use axum::http::{HeaderMap, HeaderValue, header};
use cookie::{Cookie, SameSite, time::Duration};

/// The access token.
pub(crate) const ACCESS: &str = "__Host-vitrine_access";
/// The refresh token.
pub(crate) const REFRESH: &str = "__Host-vitrine_refresh";
/// What shows that this browser has logged in before. It outlives a logout.
pub(crate) const DEVICE: &str = "__Host-vitrine_device";

/// How long a browser keeps that.
const DEVICE_SECONDS: u32 = 365 * 24 * 60 * 60;

/// The value of a cookie that the request brings. Of two with one name, which only an intruder can have set, none counts.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut values = lines.flat_map(Cookie::split_parse).filter_map(Result::ok).filter(|it| it.name() == name);
    let value = values.next()?;
    if values.next().is_some() { None } else { Some(value.value().to_owned()) }
}

/// Headers that set the tokens as cookies.
pub(crate) fn of_tokens(tokens: &Tokens) -> HeaderMap {
    headers(tokens_of(tokens))
}

fn tokens_of(tokens: &Tokens) -> [String; 2] {
    [
        set(ACCESS, &tokens.access_token, SameSite::Lax, tokens.expires_in),
        set(REFRESH, &tokens.refresh_token, SameSite::Strict, tokens.refresh_expires_in),
    ]
}

/// The same, and the token of the device.
pub(crate) fn of_login(signed_in: &SignedIn) -> HeaderMap {
    let device = set(DEVICE, &signed_in.device_token, SameSite::Strict, DEVICE_SECONDS);
    headers(tokens_of(&signed_in.tokens).into_iter().chain([device]))
}

/// Headers that take the tokens away again.
pub(crate) fn cleared() -> HeaderMap {
    headers([set(ACCESS, "", SameSite::Lax, 0), set(REFRESH, "", SameSite::Strict, 0)])
}

fn set(name: &'static str, value: &str, same_site: SameSite, seconds: u32) -> String {
    let cookie = Cookie::build((name, value)).path("/").secure(true).http_only(true).same_site(same_site);
    cookie.max_age(Duration::seconds(seconds.into())).build().to_string()
}

fn headers(cookies: impl IntoIterator<Item = String>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for cookie in cookies {
        // Tokens are base64url and dots, which every header may hold.
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            headers.append(header::SET_COOKIE, value);
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_read_by_their_name() {
        let mut given = HeaderMap::new();
        for line in ["a=1; __Host-vitrine_refresh=abc", "b=2;x"] {
            given.append(header::COOKIE, HeaderValue::from_static(line));
        }
        assert_eq!(cookie(&given, REFRESH).as_deref(), Some("abc"));
        assert_eq!(cookie(&given, "vitrine_refresh"), None);
        given.append(header::COOKIE, HeaderValue::from_static("__Host-vitrine_refresh=other"));
        assert_eq!(cookie(&given, REFRESH), None);
    }

    #[test]
    fn what_is_set_is_for_this_host_and_no_script() {
        let text = set(REFRESH, "abc", SameSite::Strict, 60);
        for part in ["__Host-vitrine_refresh=abc", "HttpOnly", "SameSite=Strict", "Secure", "Path=/", "Max-Age=60"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("Domain"), "{text}");
    }
}
