//! What must not start: refused in one clear message, with exit code 1 and nothing half-started.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use vitrine_denied::app::RUNTIME_CONFIG;
use vitrine_scenarios::harness::{Deployment, Refusal, Runtime, repository};

/// An app with nothing wrong. `WASM` stands for the folder of the components.
const GOOD: &str = r#"spin_manifest_version = 2

[application]
name = "start"
version = "0.1.0"

[variables]
greeting = { default = "good morning" }
password = { required = true, secret = true }

[[trigger.http]]
route = "/kv/..."
component = "kv"

[component.kv]
source = "WASM/guest_kv.wasm"
key_value_stores = ["things"]
sqlite_databases = ["things"]
allowed_outbound_hosts = ["http://127.0.0.1:9"]
[component.kv.variables]
greeting = "{{ greeting }}"
[component.kv.tool.vitrine]
memory_mib = 64
"#;

/// A folder with a manifest and a runtime configuration, and what to change in them.
struct Case {
    folder: TempDir,
    manifest: String,
    runtime_config: String,
    password: Option<&'static str>,
}

impl Case {
    fn good() -> Self {
        let components = repository().join("target/components");
        Self {
            folder: tempfile::tempdir().unwrap(),
            manifest: GOOD.replace("WASM", components.to_str().unwrap()),
            runtime_config: RUNTIME_CONFIG.to_owned(),
            password: Some("s3same"),
        }
    }

    /// The app with this text of the manifest replaced.
    fn with(old: &str, new: &str) -> Self {
        let mut case = Self::good();
        assert!(case.manifest.contains(old), "the manifest does not hold {old:?}");
        case.manifest = case.manifest.replacen(old, new, 1);
        case
    }

    /// The app with this file in the place of its component.
    fn component(bytes: &[u8]) -> Self {
        let mut case = Self::good();
        let path = case.folder.path().join("strange.wasm");
        fs::write(&path, bytes).unwrap();
        case.manifest = case.manifest.lines().fold(String::new(), |text, line| {
            let line = if line.starts_with("source") { format!("source = {path:?}") } else { line.to_owned() };
            text + &line + "\n"
        });
        case
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("spin.toml")
    }

    fn deployment(&self) -> Deployment {
        fs::write(self.path(), &self.manifest).unwrap();
        self.deployment_of(&self.path())
    }

    fn deployment_of(&self, manifest: &Path) -> Deployment {
        let mut deployment = Deployment::of(Runtime::Host, manifest, &self.runtime_config).unwrap();
        if let Some(password) = self.password {
            deployment.set("password", password);
        }
        deployment
    }

    /// Asserts that the app is refused in a message that holds all these words.
    fn refused(&self, words: &[&str]) {
        assert_refused(&self.deployment().refusal().unwrap(), words);
    }
}

fn assert_refused(refusal: &Refusal, words: &[&str]) {
    let said = &refusal.said;
    assert_eq!(refusal.code, Some(1), "{said}");
    for word in words {
        assert!(said.contains(word), "not a word about {word}:\n{said}");
    }
    assert!(!said.contains("panicked") && !said.contains("stack backtrace"), "{said}");
    assert!((1..=12).contains(&said.lines().count()), "one clear message is shorter:\n{said}");
    assert!(TcpStream::connect(("127.0.0.1", refusal.port)).is_err(), "something listens all the same:\n{said}");
}

/// The number of the line that holds this text, as a message tells it.
fn line(manifest: &str, text: &str) -> String {
    (manifest.lines().position(|line| line.contains(text)).unwrap() + 1).to_string()
}

#[test]
fn the_good_app_starts() {
    // Else all the others would be refused for no reason of theirs.
    Case::good().deployment().start().unwrap();
}

#[test]
fn a_manifest_that_is_no_toml() {
    let case = Case::with("[component.kv]", "[component.kv");
    case.refused(&["spin.toml", &line(&case.manifest, "[component.kv")]);
}

#[test]
fn a_manifest_that_is_not_there() {
    let case = Case::good();
    let missing = case.folder.path().join("nowhere.toml");
    assert_refused(&case.deployment_of(&missing).refusal().unwrap(), &["nowhere.toml"]);
}

#[test]
fn unknown_keys() {
    for (old, new, key) in [
        ("key_value_stores", "sauce = \"x\"\nkey_value_stores", "sauce"),
        ("memory_mib", "memory_megabytes", "memory_megabytes"),
        ("route = ", "rout = ", "rout"),
        ("[application]", "[aplication]", "aplication"),
        ("default = \"good", "defult = \"good", "defult"),
    ] {
        let case = Case::with(old, new);
        case.refused(&["spin.toml", key, &line(&case.manifest, key)]);
    }
}

#[test]
fn what_the_host_does_not_have_is_refused_by_name() {
    for (new, name) in [
        ("[[trigger.mqtt]]\ncomponent = \"kv\"\ntopic = \"x\"\n\n[component.kv]", "mqtt"),
        ("[component.kv]\nai_models = [\"llama2-chat\"]", "ai_models"),
        ("[component.kv]\nfiles = [\"*.md\"]", "files"),
    ] {
        Case::with("[component.kv]", new).refused(&["spin.toml", name]);
    }
    Case::with("spin_manifest_version = 2", "spin_manifest_version = 3").refused(&["spin_manifest_version"]);
}

#[test]
fn values_that_make_no_sense() {
    for (old, new, words) in [
        ("memory_mib = 64", "memory_mib = -1", "memory_mib"),
        ("memory_mib = 64", "memory_mib = \"much\"", "memory_mib"),
        ("memory_mib = 64", "memory_mib = 0", "memory_mib"),
        ("component = \"kv\"", "component = \"kw\"", "kw"),
        ("[\"http://127.0.0.1:9\"]", "[\"127.0.0.1\"]", "127.0.0.1"),
        ("[\"http://127.0.0.1:9\"]", "[\"http://127.0.0.1:9/path\"]", "/path"),
        ("/kv/...", "/kv/.../more", "/kv/.../more"),
    ] {
        Case::with(old, new).refused(&["spin.toml", words]);
    }
    let twice = "[[trigger.http]]\nroute = \"/kv/...\"\ncomponent = \"kv\"\n\n[component.kv]";
    Case::with("[component.kv]", twice).refused(&["/kv/..."]);
}

#[test]
fn variables() {
    let mut case = Case::good();
    case.password = None;
    case.refused(&["password", "SPIN_VARIABLE_PASSWORD"]);
    let case = Case::with("{{ greeting }}", "{{ farewell }}");
    case.refused(&["farewell", &line(&case.manifest, "farewell")]);
    let case = Case::with("{{ greeting }}", "{{ greeting");
    case.refused(&["greeting", &line(&case.manifest, "{{ greeting")]);
    Case::with("[\"http://127.0.0.1:9\"]", "[\"{{ nowhere_url }}\"]").refused(&["nowhere_url"]);
}

#[test]
fn components_that_are_none() {
    let nowhere = Case::with("guest_kv.wasm", "nowhere.wasm");
    nowhere.refused(&["nowhere.wasm", "kv"]);
    Case::component(b"This is text.").refused(&["strange.wasm", "kv"]);
    Case::component(b"").refused(&["strange.wasm"]);
    // A core module.
    Case::component(b"\0asm\x01\0\0\0").refused(&["strange.wasm", "component"]);
    // A component that was cut short.
    let whole = fs::read(repository().join("target/components/guest_kv.wasm")).unwrap();
    Case::component(&whole[..whole.len() / 2]).refused(&["strange.wasm"]);
}

#[test]
fn components_that_no_trigger_leads_to() {
    let mut case = Case::component(b"This is text.");
    // The component of the trigger is a good one again.
    let good = Case::good().manifest;
    let strange = case.folder.path().join("strange.wasm");
    case.manifest = format!("{good}\n[component.spare]\nsource = {strange:?}\n");
    case.refused(&["spare", "strange.wasm"]);
    let made_up = r#"(component (import "made:up/thing@1.0.0" (instance (export "f" (func)))))"#;
    fs::write(&strange, wat::parse_str(made_up).unwrap()).unwrap();
    case.refused(&["spare", "made:up/thing"]);
    case.manifest = good + "\n[component.spare]\nsource = \"nowhere.wasm\"\n";
    case.refused(&["spare", "nowhere.wasm"]);
}

#[test]
fn components_that_need_more_memory_than_they_may_have() {
    Case::with("memory_mib = 64", "memory_mib = 1").refused(&["kv", "memory_mib = 1", "raise"]);
    let mut case = Case::good();
    case.runtime_config = format!("max_instance_memory = {}\n{RUNTIME_CONFIG}", 1 << 20);
    case.refused(&["kv", "max_instance_memory"]);
}

#[test]
fn settings_without_effect() {
    let digest = "[component.kv.dependencies]\n\"a:b/c\" = { component = \"kv\", digest = \"sha256:0\" }\n";
    let mut case = Case::good();
    case.manifest += digest;
    case.refused(&["digest", &line(&case.manifest, "digest")]);
    case.manifest = Case::good().manifest.replace("/kv/...\"\ncomponent = \"kv\"", "/x\"\nstatic_response = {}");
    case.refused(&["memory_mib", "no effect", "kv"]);
}

/// A start that is refused leaves nothing behind, and a check does not begin anything.
#[test]
fn nothing_is_made_before_all_is_right() {
    let made = |deployment: &Deployment, state: &Path| {
        let files = ["things-kv.db", "others-kv.db"].map(|file| deployment.data().join(file));
        files.iter().any(|file| file.exists()) || state.exists()
    };
    let mut case = Case::component(b"This is text.");
    let state = case.folder.path().join("state");
    let mut deployment = case.deployment();
    deployment.keep_state_in(&state);
    assert_refused(&deployment.refusal().unwrap(), &["strange.wasm"]);
    assert!(!made(&deployment, &state));

    case.manifest = Case::good().manifest;
    let mut deployment = case.deployment();
    deployment.keep_state_in(&state);
    let check = |deployment: &Deployment, state: &Path| {
        let mut check = Command::new(Runtime::Host.program().unwrap());
        check.arg("check").arg("--from").arg(case.path()).arg("--state-dir").arg(state);
        check.arg("--runtime-config-file").arg(deployment.data().join("runtime-config.toml"));
        let output = check.env("SPIN_VARIABLE_PASSWORD", "s3same").output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (good, said) = check(&deployment, &state);
    assert!(good, "{said}");
    assert!(!made(&deployment, &state));
    let file = case.folder.path().join("a-file");
    fs::write(&file, "where a folder should be").unwrap();
    let (good, said) = check(&deployment, &file.join("below"));
    assert!(!good && said.contains("a-file") && said.contains("things"), "{said}");
    // And the same app makes them when it starts.
    deployment.start().unwrap();
    assert!(made(&deployment, &state));
}

#[test]
fn components_that_ask_for_what_there_is_not() {
    let made_up = r#"(component (import "made:up/thing@1.0.0" (instance (export "f" (func)))))"#;
    Case::component(&wat::parse_str(made_up).unwrap()).refused(&["kv", "made:up/thing"]);
    let redis = r#"(component (import "fermyon:spin/redis@2.0.0" (instance (export "f" (func)))))"#;
    Case::component(&wat::parse_str(redis).unwrap()).refused(&["kv", "fermyon:spin/redis"]);
    // One that serves nothing.
    Case::component(&wat::parse_str("(component)").unwrap()).refused(&["kv", "wasi:http/handler"]);
}

#[test]
fn labels_that_are_bound_to_nothing() {
    let case = Case::with("[\"things\"]", "[\"nowhere\"]");
    case.refused(&["nowhere", "kv"]);
    let case = Case::with("sqlite_databases = [\"things\"]", "sqlite_databases = [\"nowhere\"]");
    case.refused(&["nowhere", "kv"]);
}

#[test]
fn runtime_configurations() {
    for (text, words) in [
        ("[key_value_store.things", "runtime-config.toml"),
        ("[key_value_store.things]\ntype = \"papyrus\"\n", "papyrus"),
        ("[key_value_store.things]\ntype = \"spin\"\npaht = \"x.db\"\n", "paht"),
        ("[key_value_shop.things]\ntype = \"spin\"\n", "key_value_shop"),
    ] {
        let mut case = Case::good();
        case.runtime_config = text.to_owned();
        case.refused(&["runtime-config.toml", words]);
    }
}

#[test]
fn ports_in_use() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let refusal = Case::good().deployment().refusal_on(port).unwrap();
    drop(taken);
    assert_refused(&refusal, &[&port.to_string(), "in use"]);
}

#[test]
fn data_that_cannot_be_kept() {
    let mut case = Case::good();
    let file = case.folder.path().join("a-file");
    fs::write(&file, "where a folder should be").unwrap();
    for folder in [file.clone(), file.join("below")] {
        let mut deployment = case.deployment();
        deployment.keep_state_in(&folder);
        assert_refused(&deployment.refusal().unwrap(), &["a-file"]);
    }
    let below = file.join("store.db");
    case.runtime_config = RUNTIME_CONFIG.replace("things-kv.db", below.to_str().unwrap());
    case.refused(&["a-file", "things"]);
}

#[test]
fn dependencies_that_do_not_fit() {
    let engine = "[component.engine]\nsource = \"WASM/guest_nosy_engine.wasm\"\n";
    let wasm = repository().join("target/components");
    let engine = engine.replace("WASM", wasm.to_str().unwrap());
    let mut case = Case::with("guest_kv.wasm", "guest_nosy_caller.wasm");
    case.manifest += &engine;
    let good = case.manifest.clone();
    let dependency = |text: &str| format!("[component.kv.dependencies]\n{text}\n");
    for (text, words) in [
        // Imports of a component must come from somewhere.
        ("", "vitrine:nosy/probe"),
        (r#""vitrine:nosy/probe@0.1.0" = { component = "nobody" }"#, "nobody"),
        (r#""vitrine:nosy/other@0.1.0" = { component = "engine" }"#, "vitrine:nosy/other"),
        (r#""vitrine:nosy/probe@0.1.0" = { component = "kv" }"#, "kv"),
    ] {
        case.manifest = good.clone() + &dependency(text);
        case.refused(&[words]);
    }
    // An engine with grants of its own.
    let line = r#""vitrine:nosy/probe@0.1.0" = { component = "engine" }"#;
    case.manifest = good
        .replace("guest_nosy_engine.wasm\"", "guest_nosy_engine.wasm\"\nkey_value_stores = [\"things\"]")
        + &dependency(line);
    case.refused(&["engine"]);
    case.manifest = good + &dependency(line);
    case.deployment().start().unwrap();
}

#[test]
fn cron_expressions_that_are_none() {
    let trigger = "[[trigger.cron]]\ncomponent = \"kv\"\ncron_expression = \"now and then\"\n\n[component.kv]";
    let case = Case::with("[component.kv]", trigger);
    case.refused(&["now and then"]);
}

#[test]
fn triggers_that_their_component_does_not_serve() {
    Case::with("guest_kv.wasm", "guest_subscriber.wasm").refused(&["kv", "HTTP trigger", "HTTP handler"]);
    let redis = "[[trigger.redis]]\naddress = \"redis://127.0.0.1:1\"\nchannel = \"news\"\ncomponent = \"kv\"";
    let case = Case::with("[component.kv]", &format!("{redis}\n\n[component.kv]"));
    case.refused(&["kv", "Redis trigger", "spin:redis/inbound-redis"]);
}
