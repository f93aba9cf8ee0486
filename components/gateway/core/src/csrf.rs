//! Requests that a browser sends because another site said so.
//!
//! A browser adds cookies by itself, so a cookie proves who is at the browser and not who wrote the request. What browsers
//! say themselves about that (`Sec-Fetch-Site`, `Origin`; a page cannot set them) decides.

use crate::{Error, cors::Cors};
use http::{HeaderMap, Method, header};

const FETCH_SITE: &str = "sec-fetch-site";

/// Refuses a change that another site may be behind. `by_cookie`: whether a cookie is what lets the request in.
///
/// With a cookie the browser must say that this site, or one that may call it, is behind the request. Without any
/// credentials only what a browser says to be foreign is refused: else another site could log its visitor in as somebody else.
/// A request with `Authorization` is not asked: a page that can set it has what it takes.
pub(crate) fn check(method: &Method, headers: &HeaderMap, by_cookie: bool, cors: &Cors) -> Result<(), Error> {
    if method.is_safe() || cors.trusted(headers).is_some() {
        return Ok(());
    }
    let site: Vec<&[u8]> = headers.get_all(FETCH_SITE).iter().map(|value| value.as_bytes()).collect();
    let own = site == [b"same-origin"];
    // An `Origin` that is there and not trusted outweighs the other header, which an old proxy may have added to.
    let foreign = headers.contains_key(header::ORIGIN) || !(site.is_empty() || own || site == [b"none"]);
    if foreign || (by_cookie && !own) { Err(Error::CrossSite) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn refused(method: &Method, by_cookie: bool, list: &[(&str, &str)]) -> bool {
        let cors = Cors::new("https://own.example".parse().unwrap(), vec!["https://friend.example".parse().unwrap()]);
        let mut headers = HeaderMap::new();
        for (name, value) in list {
            headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        check(method, &headers, by_cookie, &cors).is_err()
    }

    #[test]
    fn a_cookie_needs_a_browser_that_vouches_for_the_page() {
        for (list, with_cookie, without) in [
            (&[][..], true, false),
            (&[("sec-fetch-site", "same-origin")], false, false),
            (&[("sec-fetch-site", "same-site")], true, true),
            (&[("sec-fetch-site", "cross-site")], true, true),
            (&[("sec-fetch-site", "none")], true, false),
            (&[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")], true, true),
            (&[("origin", "https://own.example")], false, false),
            (&[("origin", "https://friend.example"), ("sec-fetch-site", "cross-site")], false, false),
            (&[("origin", "https://own.example.evil.example")], true, true),
            (&[("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")], true, true),
            (&[("origin", "null")], true, true),
            (&[("origin", "https://own.example"), ("origin", "https://evil.example")], true, true),
            (&[("referer", "https://own.example/page")], true, false),
        ] {
            assert_eq!(refused(&Method::POST, true, list), with_cookie, "{list:?}");
            assert_eq!(refused(&Method::DELETE, false, list), without, "{list:?}");
            assert!(!refused(&Method::GET, true, list), "{list:?}");
        }
    }
}
