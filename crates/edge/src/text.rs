//! What has no place in a text that people read.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Marks on one letter that no language needs more of; what has more climbs over its neighbours.
const MARKS: usize = 4;

/// Whether some letter has so many marks that they climb over the lines around it.
#[must_use]
pub fn climbs(text: &str) -> bool {
    let mut marks = 0;
    text.nfd().any(|c| {
        marks = if is_combining_mark(c) { marks + 1 } else { 0 };
        marks > MARKS
    })
}

/// Whether a character turns the text around it, breaks lines unseen, or is not seen at all, so that a text with it looks like
/// another one. Joiners are none of these: Persian and the pictures of families need them.
#[must_use]
pub fn misleads(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    )
}
