//! The texts in the sources that statements are made of.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use vitrine_scenarios::harness::repository;

/// How a statement begins that is not a change of the schema.
const VERBS: [&str; 5] = ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "WITH "];
/// How the rest of a statement is known that begins with a constant (`{PHOTO} WHERE …`).
const CLAUSES: [&str; 3] = [" WHERE ", " ORDER BY ", " LIMIT "];
/// Shorter pieces say nothing.
const SHORTEST: usize = 12;
/// The port itself: what it runs for itself is in its suite.
const NOT_SEARCHED: [&str; 3] = ["db", "db-rusqlite", "guest"];

/// A piece of a statement.
#[derive(Debug)]
pub(crate) struct Fragment {
    /// Where it stands.
    pub(crate) file: String,
    /// In one line.
    pub(crate) text: String,
    /// Whether a statement begins with it.
    pub(crate) begins: bool,
}

/// The pieces in the kits and cores, without those of their unit tests.
pub(crate) fn fragments() -> Result<Vec<Fragment>> {
    let root = repository();
    let mut found = Vec::new();
    for (folder, source) in [("crates", "src"), ("components", "core/src")] {
        for entry in fs::read_dir(root.join(folder))? {
            let (name, path) =
                (entry.as_ref().map(|entry| entry.file_name()), entry.as_ref().map(|entry| entry.path()));
            let (Ok(name), Ok(path)) = (name, path) else { continue };
            let searched = folder != "crates" || !NOT_SEARCHED.iter().any(|other| name == **other);
            if searched && path.join(source).is_dir() {
                search(&root, &path.join(source), &mut found)?;
            }
        }
    }
    Ok(found)
}

fn search(root: &Path, folder: &Path, found: &mut Vec<Fragment>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            search(root, &path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let file = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            let text = fs::read_to_string(&path)?;
            let tokens: TokenStream =
                text.parse().map_err(|error| anyhow!("{error}")).with_context(|| format!("{file} is no Rust"))?;
            let mut literals = Vec::new();
            strings(tokens, &mut literals);
            found.extend(literals.iter().flat_map(|literal| pieces(&file, literal)));
        }
    }
    Ok(())
}

/// The values of all strings, but for those of attributes (which documentation is) and of unit tests.
fn strings(tokens: TokenStream, found: &mut Vec<String>) {
    let mut tokens = tokens.into_iter().peekable();
    let mut tests = false;
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(mark) if mark.as_char() == '#' => {
                if let Some(TokenTree::Group(attribute)) = tokens.next_if(|next| matches!(next, TokenTree::Group(_))) {
                    tests |= one_line(&attribute.stream().to_string()).replace(' ', "") == "cfg(test)";
                }
            }
            // The body of what the attribute stands on.
            TokenTree::Group(group) if std::mem::take(&mut tests) && group.delimiter() == Delimiter::Brace => {}
            TokenTree::Group(group) => strings(group.stream(), found),
            TokenTree::Literal(literal) => {
                if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                    found.push(text.value());
                }
            }
            _ => {}
        }
    }
}

/// The pieces of a statement, if the text is one: what stands between the constants that are put into it.
fn pieces(file: &str, literal: &str) -> Vec<Fragment> {
    let text = one_line(literal);
    let verb = VERBS.iter().any(|verb| text.starts_with(verb));
    let clause = text.starts_with('{') && CLAUSES.iter().any(|clause| text.contains(clause));
    if !verb && !clause {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (index, piece) in text.split(['{', '}']).enumerate() {
        // Every second piece is the name of what is put in.
        let whole = index == 0 && verb;
        if index % 2 == 0 && (whole || piece.trim().len() >= SHORTEST) {
            found.push(Fragment { file: file.to_owned(), text: piece.trim().to_owned(), begins: whole });
        }
    }
    found
}

/// A text with single spaces where it had any blanks.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
