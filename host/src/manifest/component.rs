//! One component.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{Component, Limits, Manifest, ManifestError, app, dependency, names};
use crate::config::Template;
use crate::document::{Field, Section};
use crate::grants::HostPattern;

const KEYS: &[&str] = &[
    "ai_models",
    "allowed_http_hosts",
    "allowed_outbound_hosts",
    "build",
    "dependencies",
    "dependencies_inherit_configuration",
    "description",
    "environment",
    "exclude_files",
    "files",
    "key_value_stores",
    "profile",
    "source",
    "sqlite_databases",
    "targets",
    "tool",
    "variables",
];

/// What Spin has and the host does not.
const NOT_IN_THE_HOST: &[(&str, &str)] = &[
    ("ai_models", "AI models"),
    ("allowed_http_hosts", "the deprecated `allowed_http_hosts` (use `allowed_outbound_hosts`)"),
    ("exclude_files", "files mounted into components"),
    ("files", "files mounted into components"),
    ("profile", "build profiles"),
];

/// Reads a component; the variables of the manifest are known by then.
pub(super) fn read(id: &str, section: &Section<'_>, manifest: &Manifest) -> Result<Component, ManifestError> {
    names::component_id(id).map_err(|reason| ManifestError::BadName {
        place: section.place(),
        kind: "component",
        name: id.to_owned(),
        reason,
    })?;
    section.only(KEYS)?;
    for (key, feature) in NOT_IN_THE_HOST {
        if let Some(field) = section.get(key).filter(|field| !field.is_empty()) {
            let (place, key) = (field.place(), field.name().to_owned());
            return Err(ManifestError::NotInTheHost { place, key, feature });
        }
    }
    section.get("targets").map(|field| field.list()).transpose()?;
    let build = build(section)?;
    let tool = app::tool(section)?;
    Ok(Component {
        id: id.to_owned(),
        source: source(section, manifest, build)?,
        description: app::text_or_empty(section, "description")?,
        variables: variables(section, manifest)?,
        environment: environment(section)?,
        key_value_stores: labels(section, "key_value_stores")?,
        sqlite_databases: labels(section, "sqlite_databases")?,
        allowed_outbound_hosts: outbound_hosts(section, manifest)?,
        dependencies: dependency::read_all(section, manifest)?,
        limits: tool.as_ref().map_or(Ok(Limits::default()), Limits::read)?,
        tuned: tool
            .iter()
            .flat_map(|section| section.fields())
            .map(|(key, field)| (key.to_owned(), field.line()))
            .collect(),
        line: section.place().line,
    })
}

fn source(section: &Section<'_>, manifest: &Manifest, build: Option<String>) -> Result<PathBuf, ManifestError> {
    let field = section.need("source")?;
    if field.is_table() {
        return Err(ManifestError::NotInTheHost {
            place: field.place(),
            key: field.name().to_owned(),
            feature: "components from a URL or a registry",
        });
    }
    let remedy =
        build.map_or("build it or correct the path".to_owned(), |command| format!("build it with `{command}`"));
    file(&field, manifest, remedy)
}

/// The path of a file that must exist, from the manifest's folder.
pub(super) fn file(field: &Field<'_>, manifest: &Manifest, remedy: String) -> Result<PathBuf, ManifestError> {
    let path = manifest.dir.join(field.text()?);
    if path.is_file() {
        return Ok(path);
    }
    Err(ManifestError::MissingFile { place: field.place(), key: field.name().to_owned(), path, remedy })
}

/// The command that builds the component, only to name it in a message.
fn build(section: &Section<'_>) -> Result<Option<String>, ManifestError> {
    let Some(field) = section.get("build") else { return Ok(None) };
    let build = field.section()?;
    build.only(&["command", "watch", "workdir"])?;
    let command = build.need("command")?;
    if command.is_text() {
        return Ok(Some(command.text()?.to_owned()));
    }
    let commands: Vec<_> = command.list()?.iter().map(|field| field.text()).collect::<Result<_, _>>()?;
    Ok(Some(commands.join(" && ")))
}

fn variables(section: &Section<'_>, manifest: &Manifest) -> Result<BTreeMap<String, Template>, ManifestError> {
    let Some(field) = section.get("variables") else { return Ok(BTreeMap::new()) };
    let mut variables = BTreeMap::new();
    for (name, field) in field.section()?.fields() {
        names::variable(name).map_err(|reason| ManifestError::BadName {
            place: field.place(),
            kind: "variable",
            name: name.to_owned(),
            reason,
        })?;
        variables.insert(name.to_owned(), template(&field, manifest)?);
    }
    Ok(variables)
}

/// Text made of the app's variables.
pub(super) fn template(field: &Field<'_>, manifest: &Manifest) -> Result<Template, ManifestError> {
    let text = field.text()?;
    let template = Template::parse(text).map_err(|error| field.invalid(text, error.to_string()))?;
    let unknown = template.variables().find(|name| !manifest.variables.contains_key(*name)).map(str::to_owned);
    match unknown {
        None => Ok(template),
        Some(name) => Err(ManifestError::UnknownVariable { place: field.place(), key: field.name().to_owned(), name }),
    }
}

fn environment(section: &Section<'_>) -> Result<BTreeMap<String, String>, ManifestError> {
    let Some(field) = section.get("environment") else { return Ok(BTreeMap::new()) };
    field.section()?.fields().map(|(name, field)| Ok((name.to_owned(), field.text()?.to_owned()))).collect()
}

fn labels(section: &Section<'_>, key: &str) -> Result<Vec<String>, ManifestError> {
    let Some(field) = section.get(key) else { return Ok(Vec::new()) };
    let mut labels = Vec::new();
    for field in field.list()? {
        let label = field.text()?;
        names::label(label).map_err(|reason| field.invalid(label, reason))?;
        labels.push(label.to_owned());
    }
    Ok(labels)
}

fn outbound_hosts(section: &Section<'_>, manifest: &Manifest) -> Result<Vec<Template>, ManifestError> {
    let Some(field) = section.get("allowed_outbound_hosts") else { return Ok(Vec::new()) };
    let mut hosts = Vec::new();
    for field in field.list()? {
        let host = template(&field, manifest)?;
        if host.is_literal() {
            HostPattern::parse(field.text()?).map_err(|error| field.invalid(host.to_string(), error.to_string()))?;
        }
        hosts.push(host);
    }
    Ok(hosts)
}
