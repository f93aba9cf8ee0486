use std::time::Duration;

use super::testing::{manifest, try_manifest};
use super::*;

/// Lines 1 to 9 of most manifests here; what a test adds begins at line 10.
const HEAD: &str = "spin_manifest_version = 2
[application]
name = \"test\"
[variables]
url = { default = \"http://example.com\" }
[[trigger.http]]
route = \"/a/...\"
component = \"a\"
[component.a]
";
const SOURCE: &str = "source = \"a.wasm\"\n";

/// The message with the temporary folder cut off.
fn refusal(text: &str) -> String {
    let (dir, result) = try_manifest(text);
    result.unwrap_err().to_string().replace(&format!("{}/", dir.path().display()), "")
}

fn refused(text: &str, message: &str) {
    let refusal = refusal(text);
    assert!(refusal.contains(message), "\n  refused: {refusal}\n  expected: {message}");
}

fn component(text: &str) -> String {
    format!("{HEAD}{SOURCE}{text}")
}

#[test]
fn a_whole_manifest_is_read() {
    let (dir, manifest) = manifest(
        r#"
spin_manifest_version = 2
[application]
name = "shop"
version = "1.2.3"
description = "A shop."
authors = ["someone"]
targets = ["spin-up:4.1"]
[application.tool.other]
anything = 1
[application.tool.vitrine]
instance_reuse = "10..20"
idle_timeout_ms = 500
max_in_flight = 64
[variables]
db_url = { default = "http://db.test:80", description = "d" }
token = { required = true, secret = true }
[[trigger.http]]
route = "/api/:id/..."
component = "a"
[[trigger.http]]
id = "inner"
route = { private = true }
component = "c"
executor = { type = "http" }
[[trigger.http]]
route = "/robots.txt"
static_response = { status_code = 203, headers = { Content-Type = "text/plain" }, body = "no" }
[[trigger.cron]]
component = "a"
cron_expression = "1/5 * * * * *"
[component.a]
source = "a.wasm"
description = "The first."
key_value_stores = ["default"]
sqlite_databases = ["orders"]
allowed_outbound_hosts = ["{{ db_url }}", "https://*.example.com"]
environment = { LEVEL = "info" }
[component.a.variables]
greeting = "hello {{ token }}"
[component.a.dependencies]
"x:engine/scan@0.1.0" = { component = "b" }
"y:other" = { path = "c.wasm", inherit_configuration = ["key_value_stores"] }
[component.a.build]
command = ["make", "make wasm"]
watch = ["src"]
[component.a.tool.vitrine]
memory_mib = 64
cpu_ms = 250
cpu_bound = true
[component.b]
source = "b.wasm"
[component.c]
source = "c.wasm"
"#,
    );
    assert_eq!((manifest.name.as_str(), manifest.version.as_str()), ("shop", "1.2.3"));
    assert_eq!(manifest.tool.instance_reuse, Amount::Between(10, 20));
    assert_eq!((manifest.tool.idle_timeout_ms, manifest.tool.max_in_flight), (Amount::Fixed(500), Some(64)));
    assert_eq!(manifest.variables["token"], VariableDecl { default: None, required: true, secret: true, line: 17 });
    let ids: Vec<_> = manifest.http.iter().map(|trigger| (trigger.id.as_str(), trigger.line)).collect();
    assert_eq!(ids, [("a-http-trigger", 18), ("inner", 21), ("http-trigger1", 26)]);
    assert!(matches!(&manifest.http[0].route, Route::Public(pattern) if pattern.raw() == "/api/:id/..."));
    assert_eq!(manifest.http[1].route, Route::Private);
    let Target::Static { status, headers, body } = &manifest.http[2].target else { panic!() };
    assert_eq!((status.as_u16(), headers["content-type"].to_str().unwrap(), body.as_str()), (203, "text/plain", "no"));
    assert_eq!(
        (manifest.cron[0].id.as_str(), manifest.cron[0].expression.as_str()),
        ("a-cron-trigger", "1/5 * * * * *")
    );
    let a = &manifest.components["a"];
    assert_eq!(a.source, dir.path().join("a.wasm"));
    assert_eq!(
        (a.key_value_stores.as_slice(), a.sqlite_databases.as_slice()),
        (&["default".to_owned()][..], &["orders".to_owned()][..])
    );
    assert_eq!(a.variables["greeting"].to_string(), "hello {{ token }}");
    assert_eq!(a.environment["LEVEL"], "info");
    assert_eq!(a.allowed_outbound_hosts.len(), 2);
    assert_eq!(a.dependencies[0].source, DependencySource::Component("b".into()));
    assert_eq!(a.dependencies[0].inherit, Inherit::None);
    assert_eq!(a.dependencies[1].inherit, Inherit::Some(vec!["key_value_stores".into()]));
    assert_eq!(manifest.dependency_path(&a.dependencies[0].source), Some(dir.path().join("b.wasm").as_path()));
    assert_eq!(
        a.limits,
        Limits { memory_mib: 64, cpu: Duration::from_millis(250), cpu_bound: true, ..Limits::default() }
    );
    assert!(manifest.answers_http("c") && !manifest.answers_http("b"));
}

#[test]
fn the_file_and_its_version_must_be_right() {
    refused("", "spin.toml:1: `spin_manifest_version` is missing at the top of the file; add it");
    refused("spin_manifest_version = 1", "spin.toml:1: `spin_manifest_version` cannot be");
    refused("spin_manifest_version = \"1\"", "write `spin_manifest_version = 2`");
    refused("spin_manifest_version = 2\napplication.name = \"x\"\n", "the app has no trigger");
    refused(&format!("{HEAD}{SOURCE}[other]\n"), "spin.toml:11: unknown key `other` at the top of the file");
    refused(&HEAD.replace("[application]", "[application"), "spin.toml:2: not valid TOML");
}

#[test]
fn unknown_keys_and_wrong_types_are_refused_by_name_and_line() {
    refused(&component("sorce = \"x\""), "spin.toml:11: unknown key `sorce` in [component.a]");
    refused(
        &component("key_value_stores = \"default\""),
        "spin.toml:11: `component.a.key_value_stores` is a string; write a list",
    );
    refused(&component("key_value_stores = [\n1]"), "spin.toml:12: `component.a.key_value_stores[0]` is an integer");
    refused(
        &component("sqlite_databases = [\"a b\"]"),
        "spin.toml:11: `component.a.sqlite_databases[0]` cannot be \"a b\"",
    );
    refused(&component("environment = { A = 1 }"), "`component.a.environment.A` is an integer; write a string");
    refused(
        &(HEAD.replace("component = \"a\"", "component = \"a\"\nmethod = \"GET\"") + SOURCE),
        "spin.toml:9: unknown key `method`",
    );
    refused(&HEAD.replace("{ default", "{ defualt"), "spin.toml:5: unknown key `defualt` in [variables.url]");
}

#[test]
fn names_are_checked() {
    refused(
        &format!("{HEAD}{SOURCE}[component.b_c]\nsource = \"b.wasm\"\n"),
        "spin.toml:11: `b_c` is not the name of a component",
    );
    refused(&HEAD.replace("url =", "URL ="), "spin.toml:5: `URL` is not the name of a variable");
    refused(&component("[component.a.variables]\nA-b = \"x\""), "spin.toml:12: `A-b` is not the name of a variable");
}

#[test]
fn what_the_host_does_not_have_is_refused_by_name() {
    for (text, feature) in [
        ("files = [\"assets\"]", "files mounted into components"),
        ("exclude_files = [\"x\"]", "files mounted into components"),
        ("ai_models = [\"llama2-chat\"]", "AI models"),
        ("allowed_http_hosts = [\"example.com\"]", "the deprecated `allowed_http_hosts`"),
        ("[component.a.profile.debug]\nsource = \"b.wasm\"", "build profiles"),
        ("[component.a.dependencies]\n\"x:y\" = \">=1.0\"", "dependencies from a registry"),
        ("[component.a.dependencies]\n\"x:y\" = { version = \"1.0\" }", "dependencies from a registry"),
        (
            "[component.a.dependencies]\n\"x:y\" = { url = \"https://x\", digest = \"sha256:0\" }",
            "dependencies from a URL",
        ),
        (
            "[component.a.dependencies]\n\"x:y\" = { path = \"a.wasm\", digest = \"sha256:0\" }",
            "digests of files and components",
        ),
    ] {
        refused(&component(text), &format!("the host does not have {feature}"));
    }
    let source = "source = { url = \"https://x/a.wasm\", digest = \"sha256:0\" }\n";
    refused(
        &format!("{HEAD}{source}"),
        "spin.toml:10: the host does not have components from a URL or a registry; run this app on Spin or remove `component.a.source`",
    );
    let with = |text: &str| HEAD.replace("component = \"a\"", text) + SOURCE;
    refused(&with("component = { source = \"a.wasm\" }"), "the host does not have components written inside a trigger");
    refused(&with("component = \"a\"\nexecutor = { type = \"wagi\" }"), "the host does not have the wagi executor");
    refused(
        &with("component = \"a\"\ndependencies = { m = [{ component = \"a\" }] }"),
        "the host does not have HTTP middleware",
    );
    refused(
        &component("[[trigger.mqtt]]\ntopic = \"c\"\ncomponent = \"a\""),
        "the host does not have triggers of this kind",
    );
    refused(
        &HEAD.replace("name = \"test\"", "name = \"test\"\n[application.trigger.http]\nbase = \"/x\""),
        "settings for all triggers",
    );
    // What asks for nothing is no harm.
    assert!(try_manifest(&component("files = []\nai_models = []")).1.is_ok());
}

#[test]
fn a_missing_file_is_refused_with_the_way_to_build_it() {
    let text = format!("{HEAD}source = \"no.wasm\"\n[component.a.build]\ncommand = \"make a\"\n");
    let refusal = refusal(&text);
    assert_eq!(
        refusal,
        "spin.toml:10: no.wasm is not a file, and `component.a.source` needs it; build it with `make a`"
    );
}

#[test]
fn variables_are_required_or_have_a_default_and_are_declared() {
    refused(
        &HEAD.replace("{ default = \"http://example.com\" }", "{ secret = true }"),
        "spin.toml:5: the variable `url` must have either",
    );
    refused(&HEAD.replace("{ default", "{ required = true, default"), "the variable `url` must have either");
    refused(
        &component("[component.a.variables]\nx = \"{{ nothing }}\""),
        "spin.toml:12: `component.a.variables.x` uses the variable `nothing`, which is not declared",
    );
    refused(&component("[component.a.variables]\nx = \"{{ url\""), "a `{{` is not closed");
    refused(&component("allowed_outbound_hosts = [\"{{ nothing }}\"]"), "uses the variable `nothing`");
    refused(&component("allowed_outbound_hosts = [\"\"]"), "`component.a.allowed_outbound_hosts[0]` cannot be");
}

#[test]
fn triggers_must_make_sense_together() {
    let second = |route: &str, rest: &str| component(&format!("[[trigger.http]]\nroute = {route}\n{rest}"));
    refused(
        &second("\"/a/*\"", "component = \"a\""),
        "spin.toml:11: the route \"/a/*\" is already that of the trigger at line 6",
    );
    refused(
        &second("\"/b\"", "component = \"b\""),
        "spin.toml:13: `trigger.http[1].component` names the component `b`, which does not exist",
    );
    refused(
        &second("\"/b\"", ""),
        "spin.toml:11: the trigger has neither `component` and `static_response`; write exactly one of them",
    );
    refused(&second("\"/b\"", "component = \"a\"\nstatic_response = {}"), "the trigger has both");
    refused(&second("{ private = true }", "static_response = {}"), "spin.toml:11: a private route");
    refused(&second("{ private = false }", "component = \"a\""), "cannot be false");
    refused(&second("3", "component = \"a\""), "write a path, or `{ private = true }`");
    refused(&second("\"/.../b\"", "component = \"a\""), "a wildcard is written `/...`");
    refused(&second("\"/b\"", "static_response = { status_code = 99 }"), "write an integer from 200 to 599");
    refused(&second("\"/b\"", "static_response = { headers = { \"a b\" = \"c\" } }"), "this is no HTTP header");
}

#[test]
fn redis_triggers_name_a_server_and_a_channel() {
    let redis = |text: &str| component(&format!("[[trigger.redis]]\ncomponent = \"a\"\n{text}"));
    let settings =
        |text: &str| text.replace("[variables]", "[application.trigger.redis]\naddress = \"{{ url }}\"\n[variables]");
    let own = redis("address = \"redis://127.0.0.1\"\nchannel = \"news\"");
    let (_dir, read) = manifest(&settings(&own));
    let trigger = &read.redis[0];
    assert_eq!((trigger.id.as_str(), trigger.component.as_str()), ("a-redis-trigger", "a"));
    assert_eq!(
        (trigger.address.to_string().as_str(), trigger.channel.to_string().as_str()),
        ("redis://127.0.0.1", "news")
    );
    assert!(read.is_subscribed("a") && !read.is_scheduled("a"));
    // Without an address of its own it has that of all.
    let (_dir, read) = manifest(&settings(&redis("channel = \"news\"")));
    assert_eq!(read.redis[0].address.to_string(), "{{ url }}");
    refused(&redis("channel = \"news\""), "spin.toml:11: ");
    refused(&redis("address = \"redis://127.0.0.1\""), "channel");
    refused(&redis("address = \"{{ nowhere }}\"\nchannel = \"news\""), "the variable `nowhere`");
    refused(&redis("adress = \"redis://127.0.0.1\"\nchannel = \"news\""), "unknown key `adress`");
    refused(&settings(&own).replace("{{ url }}\"\n", "{{ url }}\"\nport = 1\n"), "unknown key `port`");
}

#[test]
fn cron_expressions_are_checked() {
    let cron = |expression: &str| {
        component(&format!("[[trigger.cron]]\ncomponent = \"a\"\ncron_expression = \"{expression}\""))
    };
    for good in ["*/5 * * * * *", "0 0 9 * * MON-FRI", "1/2 * * * * *"] {
        assert!(try_manifest(&cron(good)).1.is_ok(), "{good}");
    }
    for bad in ["", "* * * * *", "61 * * * * *", "often"] {
        refused(&cron(bad), "spin.toml:13: `trigger.cron[0].cron_expression` cannot be");
    }
    refused(
        &component("[[trigger.cron]]\ncomponent = \"a\"\ncron-expression = \"* * * * * *\""),
        "unknown key `cron-expression`",
    );
}

#[test]
fn dependencies_are_checked() {
    let with =
        |text: &str| component(&format!("[component.a.dependencies]\n{text}\n[component.b]\nsource = \"b.wasm\"\n"));
    assert!(try_manifest(&with("\"x:y\" = { component = \"b\" }")).1.is_ok());
    refused(
        &with("\"x:y\" = { component = \"d\" }"),
        "spin.toml:12: `component.a.dependencies.x:y` names the component `d`",
    );
    refused(&with("\"x:y\" = { path = \"d.wasm\" }"), "d.wasm is not a file");
    refused(&with("\"x:y\" = { component = \"b\", path = \"b.wasm\" }"), "has both `component` and `path`");
    refused(&with("\"x:y\" = {}"), "has neither");
    refused(&with("\"x:y\" = { component = \"b\", export = \"z\" }"), "a dependency on a whole package");
    refused(&with("\"x:y/z@one\" = { component = \"b\" }"), "is not the name of a dependency");
    refused(
        &with("\"x:y\" = { component = \"b\", inherit_configuration = [\"everything\"] }"),
        "cannot be \"everything\"",
    );
    refused(
        &with("\"x:y\" = { component = \"b\" }\n\"x:y/z\" = { component = \"b\" }"),
        "could satisfy the same import",
    );
    assert!(
        try_manifest(&with("\"x:y/z@0.1.0\" = { component = \"b\" }\n\"x:y/z@0.2.0\" = { component = \"b\" }"))
            .1
            .is_ok()
    );
    refused(
        &(with("\"x:y\" = { component = \"b\" }") + "key_value_stores = [\"default\"]\nenvironment = { A = \"1\" }\n"),
        "spin.toml:12: the component `b` cannot be a dependency of `a`, because a dependency runs with its caller's grants and it has its own: environment, key_value_stores",
    );
    refused(
        &(with("\"x:y\" = { component = \"b\" }") + "[component.b.dependencies]\n\"q:r\" = { path = \"c.wasm\" }\n"),
        "it has its own: dependencies",
    );
    let for_all = component(
        "dependencies_inherit_configuration = true\n[component.a.dependencies]\n\"x:y\" = { path = \"b.wasm\" }",
    );
    assert_eq!(manifest(&for_all).1.components["a"].dependencies[0].inherit, Inherit::All);
    refused(&for_all.replace("b.wasm\"", "b.wasm\", inherit_configuration = true"), "write exactly one of them");
}

#[test]
fn limits_are_checked() {
    let with = |text: &str| component(&format!("[component.a.tool.vitrine]\n{text}"));
    refused(&with("memory = 1"), "spin.toml:12: unknown key `memory` in [component.a.tool.vitrine]");
    refused(&with("memory_mib = 0"), "write an integer from 1 to 4096");
    refused(&with("cpu_ms = -1"), "`component.a.tool.vitrine.cpu_ms` cannot be -1");
    refused(&with("cpu_bound = 1"), "write true or false");
    let app = |text: &str| HEAD.replace("name = \"test\"", &format!("name = \"test\"\ntool.vitrine.{text}")) + SOURCE;
    assert_eq!(manifest(&with("concurrency = \"2..5\"")).1.components["a"].limits.concurrency, Amount::Between(2, 5));
    refused(&with("concurrency = \"2..2000\""), "from 1 to 1024");
    let idle = manifest(&app("idle_timeout_ms = \"500..1500\"")).1.tool.idle_timeout_ms;
    assert_eq!(idle, Amount::Between(500, 1500));
    assert!(refusal(&app("idle_timeout_ms = \"500\"")).contains("idle_timeout_ms"));
    for bad in ["\"9..9\"", "\"a..b\"", "\"0..5\"", "0", "\"7\""] {
        assert!(refusal(&app(&format!("instance_reuse = {bad}"))).contains("instance_reuse"), "{bad}");
    }
    assert_eq!(manifest(&app("instance_reuse = 8")).1.tool.instance_reuse, Amount::Fixed(8));
    let mut random = rand::rng();
    assert!((0..100).all(|_| (2..4).contains(&Amount::Between(2, 4).draw(&mut random))));
    assert_eq!(Amount::Between(2, 4).greatest(), 3);
}

#[test]
fn limits_without_effect_are_refused() {
    let cron =
        HEAD.replace("[[trigger.http]]\nroute = \"/a/...\"", "[[trigger.cron]]\ncron_expression = \"* * * * * *\"");
    let with = |text: &str| format!("{cron}{SOURCE}[component.a.tool.vitrine]\n{text}\n");
    for key in ["concurrency = 1", "idle_ms = 1", "background_ms = 1"] {
        let name = key.split(' ').next().unwrap();
        refused(&with(key), &format!("`component.a.tool.vitrine.{name}` has no effect on this component"));
    }
    manifest(&with("cpu_bound = true\ncpu_ms = 20\nhead_ms = 20\nmemory_mib = 20"));
    let dependency = component("[component.b]\nsource = \"b.wasm\"\n[component.b.tool.vitrine]\nmemory_mib = 1");
    refused(&dependency, "no trigger leads to it");
}

#[test]
fn only_one_manifest_may_listen() {
    let (_one, http) = manifest(&component(""));
    let (_two, other) = manifest(&component(""));
    let cron = HEAD
        .replace("[[trigger.http]]\nroute = \"/a/...\"", "[[trigger.cron]]\ncron_expression = \"* * * * * *\"")
        + SOURCE;
    let (_three, cron) = manifest(&cron);
    assert!(check_together(&[http.clone(), cron.clone()]).is_ok());
    let error = check_together(&[http, cron, other]).unwrap_err().to_string();
    assert!(error.contains("spin.toml:6: only one manifest may have HTTP triggers"), "{error}");
}
