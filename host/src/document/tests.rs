use std::path::Path;

use super::*;

const TEXT: &str =
    "top = 1\n\n[first]\nname = \"a\"\nlist = [\n  \"x\",\n  2,\n]\n\n[[many]]\nid = 1\n[[many]]\nid = 2\n";

fn document(text: &str) -> Document {
    Document::parse(Path::new("spin.toml"), text).unwrap()
}

#[test]
fn every_value_knows_its_line() {
    let document = document(TEXT);
    let root = document.root().unwrap();
    assert_eq!(root.get("top").unwrap().line(), 1);
    let first = root.get("first").unwrap().section().unwrap();
    assert_eq!(first.place().to_string(), "spin.toml:3");
    assert_eq!(first.get("name").unwrap().line(), 4);
    let lines: Vec<_> = first.get("list").unwrap().list().unwrap().iter().map(Field::line).collect();
    assert_eq!(lines, [6, 7]);
    let many = root.get("many").unwrap().list().unwrap();
    assert_eq!(many.iter().map(Field::line).collect::<Vec<_>>(), [10, 12]);
}

#[test]
fn unknown_keys_missing_keys_and_wrong_types_are_refused_by_name_and_line() {
    let document = document(TEXT);
    let root = document.root().unwrap();
    let first = root.get("first").unwrap().section().unwrap();
    assert_eq!(
        first.only(&["name"]).unwrap_err().to_string(),
        "spin.toml:5: unknown key `list` in [first]; remove it or write one of: name"
    );
    assert_eq!(first.need("source").unwrap_err().to_string(), "spin.toml:3: `source` is missing in [first]; add it");
    assert_eq!(
        first.get("list").unwrap().list().unwrap()[1].text().unwrap_err().to_string(),
        "spin.toml:7: `first.list[1]` is an integer; write a string"
    );
    assert_eq!(
        root.get("top").unwrap().integer(2..=9).unwrap_err().to_string(),
        "spin.toml:1: `top` cannot be 1: write an integer from 2 to 9"
    );
}

#[test]
fn broken_toml_is_refused_with_its_line() {
    let error = Document::parse(Path::new("spin.toml"), "a = 1\nb = = 2\n").unwrap_err().to_string();
    assert!(error.starts_with("spin.toml:2: not valid TOML: "), "{error}");
    let error = Document::parse(Path::new("spin.toml"), "a = 1\na = 2\n").unwrap_err().to_string();
    assert!(error.starts_with("spin.toml:2: not valid TOML: "), "{error}");
}

#[test]
fn a_missing_file_is_named() {
    let error = Document::read(Path::new("/nowhere/spin.toml")).unwrap_err().to_string();
    assert!(error.starts_with("/nowhere/spin.toml: cannot be read"), "{error}");
}
