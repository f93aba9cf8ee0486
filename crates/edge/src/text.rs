//! What has no place in a text that people read.

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
