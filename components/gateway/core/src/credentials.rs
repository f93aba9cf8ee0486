//! What a request shows of who is calling.

use http::{HeaderMap, header};
use vitrine_identity::bearer;

/// The cookie that holds an access token.
const ACCESS_COOKIE: &str = "__Host-vitrine_access";
/// The cookie that holds a refresh token; only auth reads it.
const REFRESH_COOKIE: &str = "__Host-vitrine_refresh";
/// How every cookie of this app begins.
const OWN_COOKIES: &str = "__Host-vitrine_";
/// How an API key begins.
const API_KEY: &str = "vk_";

/// What a request shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presented<'a> {
    /// Nothing.
    Nothing,
    /// An access token in `Authorization`.
    Token(&'a str),
    /// An API key in `Authorization`.
    ApiKey(&'a str),
    /// An access token in a cookie, which a browser sends by itself.
    Cookie(&'a str),
    /// What cannot be one: another scheme, or several of them.
    Unreadable,
    /// The same in cookies.
    UnreadableCookie,
}

impl<'a> Presented<'a> {
    /// A cookie counts only without `Authorization`.
    pub(crate) fn of(headers: &'a HeaderMap) -> Self {
        match bearer(headers) {
            Some(Some(token)) if token.starts_with(API_KEY) => Self::ApiKey(token),
            Some(Some(token)) => Self::Token(token),
            Some(None) => Self::Unreadable,
            None => match one_cookie(headers, ACCESS_COOKIE) {
                Some(Some(token)) => Self::Cookie(token),
                Some(None) => Self::UnreadableCookie,
                None => Self::Nothing,
            },
        }
    }

    /// Whether a browser sent it without being asked to.
    pub(crate) fn is_cookie(self) -> bool {
        matches!(self, Self::Cookie(_) | Self::UnreadableCookie)
    }
}

/// Whether the refresh token of a browser came along.
pub(crate) fn has_refresh_cookie(headers: &HeaderMap) -> bool {
    one_cookie(headers, REFRESH_COOKIE).is_some()
}

/// The cookies of this app, as auth is to see them; none of anybody else's.
pub(crate) fn own_cookies(headers: &HeaderMap) -> Option<String> {
    let own: Vec<String> = cookies(headers)
        .filter(|(name, _)| name.starts_with(OWN_COOKIES))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    (!own.is_empty()).then(|| own.join("; "))
}

/// The value of the cookie of that name. `None` if there is none, `Some(None)` if there are several: one of them is somebody
/// else's.
fn one_cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<Option<&'a str>> {
    let mut values = cookies(headers).filter(|(own, _)| *own == name).map(|(_, value)| value);
    let value = values.next()?;
    Some(values.next().is_none().then_some(value))
}

/// Names and values (RFC 6265, section 5.4). HTTP/2 may send each in a header of its own (RFC 9113, section 8.2.3).
fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(';')).filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        Some((name.trim(), value.trim()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn headers(list: &[(&str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&str, &str)| {
            (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap())
        };
        let mut headers = HeaderMap::new();
        list.iter().map(pair).for_each(|(name, value)| _ = headers.append(name, value));
        headers
    }

    #[test]
    fn a_header_goes_before_a_cookie() {
        let cookie = ("cookie", "a=b; __Host-vitrine_access=cc.cc.cc; c=d");
        for (list, expected) in [
            (&[][..], Presented::Nothing),
            (&[cookie], Presented::Cookie("cc.cc.cc")),
            (&[("authorization", "Bearer aa.bb.cc"), cookie], Presented::Token("aa.bb.cc")),
            (&[("authorization", "bearer  vk_1_2")], Presented::ApiKey("vk_1_2")),
            (&[("authorization", "Basic YTpi"), cookie], Presented::Unreadable),
            (&[("authorization", "Bearer a"), ("authorization", "Bearer b")], Presented::Unreadable),
            (&[("authorization", "")], Presented::Unreadable),
            (&[("cookie", "vitrine_access=x; __host-vitrine_access=y")], Presented::Nothing),
            (&[cookie, ("cookie", "__Host-vitrine_access=other")], Presented::UnreadableCookie),
        ] {
            assert_eq!(Presented::of(&headers(list)), expected, "{list:?}");
        }
    }

    #[test]
    fn only_own_cookies_are_seen_by_auth() {
        let list = headers(&[
            ("cookie", "other=1; __Host-vitrine_access=a; __Host-vitrine_device=d"),
            ("cookie", "__Host-vitrine_refresh=b;x=y;__host-vitrine_x=z"),
        ]);
        assert_eq!(
            own_cookies(&list).as_deref(),
            Some("__Host-vitrine_access=a; __Host-vitrine_device=d; __Host-vitrine_refresh=b")
        );
        assert!(has_refresh_cookie(&list));
        assert_eq!(own_cookies(&headers(&[("cookie", "a=b")])), None);
    }
}
