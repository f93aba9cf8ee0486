//! Which field of a request is wrong.

use crate::{Kind, Problem};
use std::fmt::Display;

/// The problem of a value in `place` (`body`, `query string`) that is not of its type. `path` leads to it, as
/// `serde_path_to_error` writes it: `renditions[0].width`, and `.` for the whole.
pub(crate) fn wrong_field(kind: Kind, place: &str, path: &str, error: &impl Display) -> Problem {
    let message = error.to_string();
    // serde_json says where in the text it was, which the field says better.
    let message = message.split(" at line ").next().unwrap_or_default();
    let parent = if path == "." { "" } else { path };
    // A field that is absent, or too many, is reported where it should be, with its name in the message only.
    let own = ["missing field `", "unknown field `", "duplicate field `"]
        .iter()
        .find_map(|words| message.strip_prefix(words)?.split('`').next());
    let field = match own {
        Some(own) if parent.is_empty() => own.to_owned(),
        // A path to the field itself, as some formats give it, is not made longer.
        Some(own) if parent == own || parent.ends_with(&format!(".{own}")) => parent.to_owned(),
        Some(own) => format!("{parent}.{own}"),
        None => parent.to_owned(),
    };
    if field.is_empty() {
        return Problem::new(kind, &format!("The {place} is not what is expected here: {message}."));
    }
    Problem::new(kind, &format!("The {place} is not what is expected here: {field}: {message}."))
        .with_field(&field, &format!("{message}."))
}
