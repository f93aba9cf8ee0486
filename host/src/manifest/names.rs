//! What names may look like. The rules are Spin's, so that a manifest it would refuse is refused here too.

/// Why `id` is no component id (kebab-case words that begin with a letter), if it is none.
pub(super) fn component_id(id: &str) -> Result<(), String> {
    words(id, '-', false)
}

/// Why `name` is no variable name (lower-case words, parted by `_`), if it is none.
pub(super) fn variable(name: &str) -> Result<(), String> {
    words(name, '_', true)
}

/// Why `label` is no label of a store (kebab-case or snake_case), if it is none.
pub(super) fn label(label: &str) -> Result<(), String> {
    words(label, '-', false).or_else(|_| words(label, '_', false)).map_err(|_| {
        "a label is words of letters and digits parted by `-`, or parted by `_`, each beginning with a letter"
            .to_owned()
    })
}

fn words(name: &str, separator: char, lower: bool) -> Result<(), String> {
    let word_is_good = |word: &str| {
        let upper = word.starts_with(|c: char| c.is_ascii_uppercase());
        word.starts_with(|c: char| c.is_ascii_alphabetic())
            && !(lower && upper)
            && word
                .chars()
                .all(|c| c.is_ascii_digit() || if upper { c.is_ascii_uppercase() } else { c.is_ascii_lowercase() })
    };
    if name.split(separator).all(word_is_good) {
        return Ok(());
    }
    let case = if lower { "lower-case words" } else { "words, each all lower case or all upper case," };
    Err(format!("write {case} of letters and digits parted by `{separator}`, each beginning with a letter"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_spins_rules() {
        for good in ["a", "image-processor", "HTTP-api2", "v1"] {
            assert!(component_id(good).is_ok(), "{good}");
        }
        for bad in ["", "image_processor", "-a", "a-", "a--b", "2a", "a-2", "Aa", "ä"] {
            assert!(component_id(bad).is_err(), "{bad}");
        }
        assert!(variable("argon2_memory_kib").is_ok());
        for bad in ["A", "a-b", "a__b", "_a", "a_1"] {
            assert!(variable(bad).is_err(), "{bad}");
        }
        assert!(label("my-store").is_ok() && label("my_store").is_ok() && label("my_store-2x").is_err());
    }
}
