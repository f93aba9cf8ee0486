use super::*;
use crate::manifest::testing::manifest;

const APP: &str = r#"
spin_manifest_version = 2
application.name = "test"
[variables]
host = { default = "example.com" }
token = { required = true, secret = true }
[[trigger.http]]
route = "/..."
component = "a"
[component.a]
source = "a.wasm"
[component.a.variables]
url = "https://{{ host }}/x"
token = "{{ token }}"
"#;

fn load(providers: &[Provider], env_file: &Path, process: &[(&str, &str)]) -> Result<Variables, VariableError> {
    let (_dir, manifest) = manifest(APP);
    Variables::load(&manifest, providers, env_file, &Environment::from_pairs(process.iter().copied()))
}

fn value(variables: &Variables, name: &str) -> String {
    variables.resolve(&Template::parse(&format!("{{{{{name}}}}}")).unwrap()).unwrap().expose().to_owned()
}

fn env_file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("some.env");
    std::fs::write(&path, text).unwrap();
    (dir, path)
}

#[test]
fn the_process_comes_before_the_file_and_the_file_before_the_default() {
    let (_dir, file) = env_file("SPIN_VARIABLE_TOKEN=of-file\nSPIN_VARIABLE_HOST=file.test\n");
    let variables = load(&[], &file, &[("SPIN_VARIABLE_TOKEN", "of-process")]).unwrap();
    assert_eq!(value(&variables, "token"), "of-process");
    assert_eq!(value(&variables, "host"), "file.test");
    let variables = load(&[], Path::new("/nowhere/.env"), &[("SPIN_VARIABLE_TOKEN", "t")]).unwrap();
    assert_eq!(value(&variables, "host"), "example.com");
}

#[test]
fn providers_are_asked_first_and_in_their_order() {
    let (_dir, file) = env_file("MY_HOST=of-dotenv\n");
    let fixed = Provider::Static([("token".to_owned(), Secret::new("of-static"))].into());
    let env = Provider::Env { prefix: Some("MY".into()), dotenv: Some(file) };
    let process = [("SPIN_VARIABLE_TOKEN", "last"), ("MY_TOKEN", "of-env"), ("SPIN_VARIABLE_HOST", "last")];
    let nowhere = Path::new("/nowhere");
    let variables = load(&[fixed.clone(), env.clone()], nowhere, &process).unwrap();
    assert_eq!((value(&variables, "token"), value(&variables, "host")), ("of-static".into(), "of-dotenv".into()));
    let variables = load(&[env, fixed], nowhere, &process).unwrap();
    assert_eq!(value(&variables, "token"), "of-env");
}

#[test]
fn a_missing_required_variable_is_named_with_its_line_and_remedy() {
    let error = load(&[], Path::new("data/.env"), &[]).unwrap_err().to_string();
    assert!(
        error.ends_with(
            "spin.toml:6: the variable `token` is required and has no value; set SPIN_VARIABLE_TOKEN or add it to data/.env"
        ),
        "{error}"
    );
}

#[test]
fn a_component_sees_its_own_variables_only() {
    let (_dir, manifest) = manifest(APP);
    let process = Environment::from_pairs([("SPIN_VARIABLE_TOKEN", "hunter2")]);
    let variables = Variables::load(&manifest, &[], Path::new("/nowhere"), &process).unwrap();
    let of_component = variables.of_component(&manifest.components["a"]).unwrap();
    assert_eq!(of_component.get("url").unwrap().expose(), "https://example.com/x");
    assert_eq!(of_component.get("host"), None);
    assert!(!format!("{variables:?} {of_component:?}").contains("hunter2"));
}
