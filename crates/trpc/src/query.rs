//! The query string of a request.

use percent_encoding::percent_decode;

/// The first value of that name, decoded as browsers decode it (`+` is a space); it may be any bytes.
pub(crate) fn first(query: &str, name: &str) -> Option<Vec<u8>> {
    let mut pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.find(|(key, _)| decode(key) == name.as_bytes()).map(|(_, value)| decode(value))
}

fn decode(text: &str) -> Vec<u8> {
    percent_decode(text.replace('+', " ").as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_a_name_counts() {
        assert_eq!(first("a=1&b=2&b=3", "b"), Some(b"2".to_vec()));
        assert_eq!(first("a=1", "b"), None);
        assert_eq!(first("", "b"), None);
        assert_eq!(first("b", "b"), Some(Vec::new()));
    }

    #[test]
    fn names_and_values_are_decoded() {
        assert_eq!(first("in%70ut=%7B%22a%22%3A+1%7D", "input"), Some(b"{\"a\": 1}".to_vec()));
        assert_eq!(first("input=%ff%zz", "input"), Some(b"\xff%zz".to_vec()));
        assert_eq!(first("input=%2B", "input"), Some(b"+".to_vec()));
    }
}
