//! Which paths may be looked at, at all.
//!
//! A path is passed on as it was written, so it must mean the same to whoever reads it next. What another reader could
//! take for another path (by decoding once more, by dropping `.`, `..` or a doubled slash, by taking `\` for `/`) names
//! nothing here. So no spelling of a path that begins with `/_` gets through.

use crate::Error;
use percent_encoding::percent_decode;
use std::borrow::Cow;

/// How often a path may be percent-encoded over and over.
const DEPTH: usize = 4;

/// Refuses what is not a plain path, and what begins with `/_` in any reading.
pub(crate) fn check(path: &str) -> Result<(), Error> {
    if !well_encoded(path.as_bytes()) {
        return Err(Error::BadRequest("The path holds a % that is not followed by two hexadecimal digits."));
    }
    let mut reading = Cow::Borrowed(path.as_bytes());
    for depth in 0..=DEPTH {
        let text = str::from_utf8(&reading)
            .map_err(|_| Error::BadRequest("The path is not UTF-8; percent-encode the UTF-8 bytes of each segment."))?;
        if text.chars().any(char::is_control) {
            return Err(Error::BadRequest("The path holds a control character."));
        }
        if !plain(text) || private(text) || (depth > 0 && slashes(text) != slashes(path)) {
            return Err(Error::NotFound);
        }
        let next: Cow<'_, [u8]> = percent_decode(&reading).into();
        if next == reading {
            return Ok(());
        }
        reading = Cow::Owned(next.into_owned());
    }
    Err(Error::BadRequest("The path is percent-encoded over and over."))
}

/// Refuses a query that holds U+0000, which no text may hold. The rest is for the service to read.
pub(crate) fn check_query(query: Option<&str>) -> Result<(), Error> {
    match query.is_some_and(|query| percent_decode(query.as_bytes()).any(|byte| byte == 0)) {
        true => Err(Error::BadRequest("The query holds U+0000.")),
        false => Ok(()),
    }
}

/// Whether each `%` begins an encoded byte (RFC 3986, section 2.1).
fn well_encoded(path: &[u8]) -> bool {
    path.split(|byte| *byte == b'%')
        .skip(1)
        .all(|rest| rest.iter().take(2).filter(|b| b.is_ascii_hexdigit()).count() == 2)
}

/// Whether no segment but the last is empty, and none is a dot segment, also not one with parameters after `;`.
fn plain(path: &str) -> bool {
    let Some(rest) = path.strip_prefix('/') else { return false };
    let dots = |segment: &str| matches!(segment.split(';').next().unwrap_or_default().trim(), "." | "..");
    let empty = |segment: &str| segment.split(';').next().unwrap_or_default().trim().is_empty();
    let mut segments = rest.split('/').rev();
    // One slash at the end is the service's to understand.
    let last = segments.next().unwrap_or_default();
    !path.contains('\\')
        && !dots(last)
        && (last.is_empty() || !empty(last))
        && !segments.any(|one| dots(one) || empty(one))
}

/// Whether the first segment is one of those that services keep for each other.
fn private(path: &str) -> bool {
    path.trim_start_matches(|c: char| c == '/' || c == '\\' || c.is_whitespace()).starts_with('_')
}

fn slashes(path: &str) -> usize {
    path.bytes().filter(|byte| *byte == b'/').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_paths_pass() {
        for path in [
            "/",
            "/api/v1/photos",
            "/api/v1/photos/",
            "/api/v1/photos/_x",
            "/api/auth/login,me",
            "/a/%20b/100%25",
            "/a/na%C3%AFve",
            "/a/b;c=d",
            "/a/...",
            "/a/.well-known",
            "/.well-known/jwks.json",
            "/a/b:c@d",
        ] {
            assert_eq!(check(path), Ok(()), "{path}");
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for path in [
            "/a%",
            "/a%4",
            "/%zz",
            "/%u005fevents",
            "/a%00",
            "/%00_events",
            "/a%0Ab",
            "/a%7f",
            "/%FF%FE",
            "/%c1%9fevents",
            "/%c2%9f",
            "/%2500",
            "/a\tb",
            "/%252525252541",
        ] {
            assert!(matches!(check(path), Err(Error::BadRequest(_))), "{path}");
        }
    }

    #[test]
    fn what_could_mean_another_path_names_nothing() {
        for path in [
            "",
            "x",
            "//",
            "//a",
            "/a//b",
            "/./a",
            "/a/.",
            "/a/..",
            "/../a",
            "/a/../b",
            "/%2e/a",
            "/a/%2E%2e/b",
            "/a/.%2e/b",
            "/a/%252e%252e/b",
            "/a/..;/b",
            "/a/..;x=1/b",
            "/;/a",
            "/a\\b",
            "/a%5cb",
            "/a%2fb",
            "/a%252Fb",
            "/a/ /b",
            "/a/%20/b",
        ] {
            assert_eq!(check(path), Err(Error::NotFound), "{path}");
        }
    }

    /// Every way to write each character of `/_`, each with each way to lead up to it: none gets through.
    #[test]
    fn a_private_path_is_refused_in_every_spelling() {
        let slashes = ["/", "//", "///", "\\", "/\\", "\\/", "%2f", "/%2f", "%2F/", "/%252f", "%5c", "/%5C", "/%255c"];
        let dots = [
            "",
            "./",
            "../",
            "a/../",
            ".//",
            "%2e/",
            "%2E%2e/",
            ".%2e/",
            "%252e%252e/",
            "..;/",
            ";/",
            "a/%2e%2e%2f",
            " ",
            "%20",
            "%09",
        ];
        let underscores =
            ["_", "%5f", "%5F", "%255f", "%255F", "%25255f", "%2525255F", "%25%35%66", "%%35%66", "%c1%9f", "%u005f"];
        let names = [
            "events",
            "EVENTS",
            "outbox/claim",
            "ring",
            "ring/",
            "",
            "events;x",
            "%65vents",
            "token%00",
            "ring?x=/api/v1/photos",
        ];
        let mut tried = 0;
        for (slash, dot) in slashes.iter().flat_map(|slash| dots.iter().map(move |dot| (slash, dot))) {
            for (underscore, name) in underscores.iter().flat_map(|one| names.iter().map(move |name| (one, name))) {
                for path in [format!("/{slash}{dot}{underscore}{name}"), format!("{slash}{dot}{underscore}{name}")] {
                    let path = path.split('?').next().unwrap_or_default();
                    assert!(check(path).is_err(), "{path}");
                    tried += 1;
                }
            }
        }
        assert!(tried > 40_000);
    }

    #[test]
    fn a_query_holds_no_nul() {
        assert_eq!(check_query(None), Ok(()));
        assert_eq!(check_query(Some("a=%0A&b=%2500&c=%")), Ok(()));
        assert!(check_query(Some("a=%00")).is_err());
    }
}
