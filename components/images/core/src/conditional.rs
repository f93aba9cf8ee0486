//! Conditional requests.

use axum::http::{HeaderMap, header};

/// Whether `If-None-Match` names `etag` or is `*`, so that the answer is 304 (RFC 9110, section 13.1.2). The comparison
/// is the weak one: `W/` makes no difference.
pub(crate) fn none_match_names(headers: &HeaderMap, etag: &str) -> bool {
    headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok()).any(|value| {
        value.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(values: &[&str]) -> bool {
        let values = values.iter().map(|value| (header::IF_NONE_MATCH, value.parse().unwrap()));
        let mut headers = HeaderMap::new();
        for (name, value) in values {
            headers.append(name, value);
        }
        none_match_names(&headers, "\"abc\"")
    }

    #[test]
    fn lists_weak_tags_and_the_star_match() {
        for values in [
            &["\"abc\""][..],
            &["W/\"abc\""],
            &["\"x\", \"abc\""],
            &["\"x\"", "\"abc\""],
            &["*"],
            &["\"x\" ,W/\"abc\""],
        ] {
            assert!(matches(values), "{values:?}");
        }
    }

    #[test]
    fn other_tags_do_not() {
        for values in [&[][..], &["\"x\""], &["abc"], &[""], &["\"abc"], &["w/\"abc\""]] {
            assert!(!matches(values), "{values:?}");
        }
    }
}
