//! Passwords that are guessed first: common words with a number behind them, rows of keys, and the account's own names.
//!
//! The words are a list of our own (`common_words.txt`), and what people do to words is undone by rule: capital letters,
//! figures for letters, a year and an exclamation mark at the end, the same once more. So a short list stands for very
//! many passwords.

use std::collections::BTreeSet;

const WORDS: &str = include_str!("common_words.txt");

/// Keys that lie side by side, read in both directions.
const ROWS: [&str; 9] = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "azertyuiop",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb",
];

/// Characters that are no part of a common word and still do not make it a rare one, such as a date.
const EXTRA: usize = 8;

/// Whether an attacker tries `password` early. `names` are those of its owner: an address, a handle.
pub(crate) fn is_common<'a>(password: &str, names: impl Iterator<Item = &'a str>) -> bool {
    let lower = password.to_lowercase();
    is_repeated(&lower) || is_row(&lower) || is_words(&lower) || is_name(&lower, names)
}

/// A piece of at most four characters, again and again.
fn is_repeated(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    (1..=4).any(|period| chars.iter().zip(chars.iter().skip(period)).all(|(one, next)| one == next))
}

/// Made of pieces of rows, each of three keys or more.
fn is_row(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let beside = |one: char, next: char| {
        ROWS.iter().any(|row| {
            row.chars().zip(row.chars().skip(1)).any(|(a, b)| (a, b) == (one, next) || (b, a) == (one, next))
        })
    };
    let steps = chars.iter().zip(chars.iter().skip(1)).filter(|(one, next)| beside(**one, **next)).count();
    // As many steps as if every fourth one began a new piece.
    steps * 4 >= chars.len() * 3
}

/// At most three common words, with figures and signs around them.
fn is_words(text: &str) -> bool {
    let words: BTreeSet<&str> = WORDS.split_whitespace().collect();
    ['i', 'l'].into_iter().any(|one| {
        let core = text.trim_matches(|c: char| !c.is_alphabetic() && !matches!(c, '@' | '$'));
        let extra = text.chars().count() - core.chars().count();
        let letters: String = core.chars().map(|c| letter(c, one)).filter(|c| c.is_alphabetic()).collect();
        extra <= EXTRA && made_of(&letters, &words, 3)
    })
}

/// The letter that a figure or a sign stands for.
fn letter(c: char, one: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' | '|' => one,
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

fn made_of(text: &str, words: &BTreeSet<&str>, most: usize) -> bool {
    if text.is_empty() || most == 0 {
        return false;
    }
    words.contains(text)
        || words.iter().any(|word| text.strip_prefix(word).is_some_and(|rest| made_of(rest, words, most - 1)))
}

/// One of the names, with little around it.
fn is_name<'a>(text: &str, names: impl Iterator<Item = &'a str>) -> bool {
    let names: Vec<String> = names.map(str::to_lowercase).collect();
    let local = names.iter().filter_map(|name| name.split_once('@')).map(|(local, _)| local);
    let parts = names.iter().map(String::as_str).chain(local);
    parts.filter(|name| name.len() >= 3).any(|name| {
        let rest = text.replace(name, "");
        rest.len() < text.len() && rest.chars().filter(|c| c.is_alphabetic()).count() < 4
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn common(password: &str) -> bool {
        is_common(password, ["ada.l@example.org", "ada_l"].into_iter())
    }

    #[test]
    fn what_is_guessed_first_is_known() {
        for bad in [
            "password",
            "Password1!",
            "P@ssw0rd",
            "passw0rd2024",
            "12345678",
            "123456789",
            "87654321",
            "11111111",
            "qwertyui",
            "qwerty123",
            "QWERTY123456",
            "1q2w3e4r",
            "asdfghjkl",
            "iloveyou",
            "Iloveyou2",
            "abcd1234",
            "letmein!!",
            "trustno1",
            "sunshine7",
            "welcome2025!",
            "adminadmin",
            "abababab",
            "abcabcabc",
            "football1",
            "monkey12345",
            "dragon1985",
            "superman",
            "passwordpassword",
            "zxcvbnm,",
            "motdepasse",
            "1qaz2wsx",
            "ada.l@example.org",
            "ada.l123",
            "ada_l2024!",
            "!!!!!!!!",
            "Summer2024",
            "vitrine1",
        ] {
            assert!(common(bad), "{bad}");
        }
    }

    #[test]
    fn what_is_not_is_let_through() {
        for good in [
            "correct horse",
            "correct horse battery",
            "a good password",
            "eight ch",
            "tr0ub4dor&3",
            "Xk7#pq2L",
            "my cat eats at noon",
            "wrong password",
            "another secret",
            "gurkensalat im mai",
            "密码很长很长的一个",
            "right password",
            "new and better words",
        ] {
            assert!(!common(good), "{good}");
        }
    }

    #[test]
    fn the_longest_password_is_judged_at_once() {
        assert!(!common(&"abandon ".repeat(16).chars().take(127).chain(['x']).collect::<String>()));
        assert!(!common(&"loveyou".repeat(18)));
    }
}
