//! The document is whole: whatever it refers to is there, and every operation says what a client has to know.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use serde_json::Value;
use std::collections::BTreeSet;

fn document() -> Value {
    serde_json::to_value(vitrine_docs::openapi()).unwrap()
}

/// Path, method and content of each operation.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            found.push((path.clone(), method.clone(), operation.clone()));
        }
    }
    found
}

fn each(value: &Value, visit: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                visit(name, value);
                each(value, visit);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| each(item, visit)),
        _ => {}
    }
}

#[test]
fn it_is_openapi_3_1() {
    let document = document();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."), "{}", document["openapi"]);
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut count = 0;
    each(&document, &mut |name, value| {
        if name == "$ref" {
            let path = value.as_str().unwrap().strip_prefix('#').unwrap();
            assert!(document.pointer(path).is_some(), "{path}");
            count += 1;
        }
    });
    assert!(count > 20, "{count}");
}

#[test]
fn every_operation_has_a_name_a_summary_and_its_problems() {
    let document = document();
    let mut names = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        assert!(names.insert(operation["operationId"].as_str().unwrap().to_owned()), "{operation}");
        assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{method} {path}");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{method} {path}");
        // 401 too: the gateway refuses a token that is not good, also where none is needed.
        for status in ["401", "500", "503"] {
            assert!(responses.contains_key(status), "{method} {path}: {status}");
        }
        for (status, response) in responses {
            assert!(response["description"].as_str().is_some_and(|text| !text.is_empty()), "{method} {path} {status}");
            let problem = &response["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(status.as_str() >= "400", problem == "#/components/schemas/Problem", "{method} {path} {status}");
        }
    }
    assert!(names.len() >= 7, "{names:?}");
}

#[test]
fn every_parameter_of_a_path_is_described() {
    for (path, method, operation) in operations(&document()) {
        let in_path: BTreeSet<&str> = path.split(['{', '}']).skip(1).step_by(2).collect();
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let described: BTreeSet<&str> = parameters
            .iter()
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        assert_eq!(described, in_path, "{method} {path}");
    }
}

#[test]
fn every_security_scheme_is_there() {
    let document = document();
    for (path, method, operation) in operations(&document) {
        for requirement in operation["security"].as_array().into_iter().flatten() {
            for name in requirement.as_object().unwrap().keys() {
                assert!(document["components"]["securitySchemes"].get(name).is_some(), "{method} {path}: {name}");
            }
        }
    }
}
