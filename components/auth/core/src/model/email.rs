//! E-mail addresses, and what tells two of them apart.

use crate::{Field, FieldError};
use unicode_normalization::UnicodeNormalization as _;

/// An e-mail address, as it was typed. Whether it exists only a message to it can tell, so no more is checked than that
/// it has the form `local@domain`, at most 254 bytes (RFC 5321), nothing in it that does not print or that separates
/// addresses, and no Latin letters between those of alphabets that look like them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Reads an address; white space around it is passed over.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let text = text.trim();
        let has_form = text.rsplit_once('@').is_some_and(|(local, domain)| {
            (1..=64).contains(&local.len())
                && !local.contains(['@', ':', '[', ']'])
                && !domain.is_empty()
                && domain.split('.').all(|label| !label.is_empty())
                && !text.contains(SPECIAL)
        });
        if text.len() <= 254 && text.chars().all(prints) && has_form && !mixes_alphabets(text) {
            return Ok(Self(text.to_owned()));
        }
        Err(FieldError { field: Field::Email, detail: "Give an e-mail address such as name@example.org." })
    }

    /// An address that was checked before it was stored, perhaps by other rules than today's.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    /// The address as it was typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What tells two addresses apart: who differs only in case, or in how the same letters are encoded (full width,
    /// composed or not, ligatures), is the same. Going by way of the capital letters folds those that have no case of
    /// their own, such as `ß` and `ſ`, too.
    #[must_use]
    pub fn key(&self) -> String {
        let folded: String = self.0.nfkc().flat_map(char::to_uppercase).collect();
        folded.chars().flat_map(char::to_lowercase).nfkc().collect()
    }
}

/// What means something between addresses (RFC 5322, section 3.2.3), so that one is not read as two, or as another, by those it
/// is given to. Who has such an address has it in quotes, and they are rare.
const SPECIAL: [char; 8] = ['<', '>', '(', ')', ',', ';', '"', '\\'];

/// No blank, no control, and nothing that is not seen: joiners, marks of direction, soft hyphens.
fn prints(c: char) -> bool {
    let unseen = matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
    );
    !c.is_whitespace() && !c.is_control() && !unseen
}

/// Whether a part of the address has Latin letters beside Greek, Cyrillic, Armenian or Cherokee ones: nobody has such an
/// address by chance (Unicode TR 39, restriction level "highly restrictive").
fn mixes_alphabets(text: &str) -> bool {
    let alike = |c: char| matches!(c, '\u{370}'..='\u{58f}' | '\u{13a0}'..='\u{13ff}' | '\u{1f00}'..='\u{1fff}' | '\u{ab70}'..='\u{abbf}');
    text.split(['@', '.']).any(|part| {
        let mut letters = part.nfkc().filter(|c| c.is_alphabetic());
        let (mut latin, mut other) = (false, false);
        letters.any(|c| {
            latin |= c.is_ascii();
            other |= alike(c);
            latin && other
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in ["a@b", " Ada.L+x@Example.ORG ", "ü@müller.example", "a@[127.0.0.1]", "почта@пример.example"]
        {
            assert_eq!(Email::parse(good).unwrap().as_str(), good.trim());
        }
        let long = format!("{}@b", "a".repeat(65));
        for special in ["<", ">", "(", ")", ",", ";", "\"", "\\", ":", "[", "]"] {
            assert!(Email::parse(&format!("a{special}b@example.org")).is_err(), "{special}");
        }
        for bad in ["", "@", "a@", "@b", "a b@c", "a@b@c", "a@b..c", "a@b\r\nc", "a@.b", &long, "a@b,c", "a\u{0}@b"] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn what_looks_alike_is_the_same_or_is_refused() {
        let key = |text: &str| Email::parse(text).unwrap().key();
        for alike in ["ADA@example.org", "ａda@example.org", "Ada@EXAMPLE.ORG"] {
            assert_eq!(key(alike), "ada@example.org", "{alike}");
        }
        assert_eq!(key("stra\u{df}e@b"), key("STRASSE@b"));
        assert_eq!(key("jo\u{17f}e@b"), key("jose@b"));
        assert_eq!(key("e\u{301}va@b"), key("\u{e9}va@b"));
        assert_eq!(key("\u{fb01}n@b"), key("fin@b"));
        // Cyrillic or Greek among Latin letters; what is not seen.
        for bad in [
            "\u{430}da@example.org",
            "ada@ex\u{430}mple.org",
            "\u{3bf}tto@b",
            "a\u{200b}da@b",
            "a\u{ad}da@b",
            "a\u{202e}da@b",
        ] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
    }
}
