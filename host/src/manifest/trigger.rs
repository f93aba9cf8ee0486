//! The triggers.

use std::collections::BTreeMap;

use croner::parser::{CronParser, Seconds};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::component::template;
use super::{CronTrigger, HttpTrigger, Manifest, ManifestError, RedisTrigger, Target};
use crate::config::Template;
use crate::document::{Field, Section};
use crate::route::{Pattern, Route};

/// Reads all triggers into the manifest, whose components are known by then.
pub(super) fn read_all(
    section: &Section<'_>,
    settings: Option<&Section<'_>>,
    manifest: &mut Manifest,
) -> Result<(), ManifestError> {
    let mut ids = Ids::given(section)?;
    let redis_server = settings.map_or(Ok(None), |settings| redis_server(settings, manifest))?;
    for (kind, field) in section.fields() {
        for trigger in field.list()? {
            let table = trigger.section()?;
            match kind {
                "http" => {
                    let trigger = http(&table, &mut ids, manifest)?;
                    manifest.http.push(trigger);
                }
                "cron" => {
                    let trigger = cron(&table, &mut ids, manifest)?;
                    manifest.cron.push(trigger);
                }
                "redis" => {
                    let trigger = redis(&table, &mut ids, redis_server.as_ref(), manifest)?;
                    manifest.redis.push(trigger);
                }
                _ => return Err(not_here(&field, "triggers of this kind (it has http, cron and redis)")),
            }
        }
    }
    unique_routes(manifest)
}

fn http(table: &Section<'_>, ids: &mut Ids, manifest: &Manifest) -> Result<HttpTrigger, ManifestError> {
    table.only(&["component", "components", "dependencies", "executor", "id", "route", "static_response"])?;
    refuse_common(table)?;
    if let Some(executor) = table.get("executor") {
        let executor = executor.section()?;
        let kind = executor.need("type")?;
        match kind.text()? {
            "http" | "spin" => executor.only(&["type"])?,
            "wagi" => return Err(not_here(&kind, "the wagi executor")),
            other => return Err(kind.invalid(other, "write \"http\", or remove `executor`").into()),
        }
    }
    let route = route(&table.need("route")?)?;
    let target = match (table.get("component"), table.get("static_response")) {
        (Some(component), None) => Target::Component(component_id(&component, manifest)?),
        (None, Some(_)) if route == Route::Private => {
            return Err(ManifestError::PrivateStaticResponse { place: table.place() });
        }
        (None, Some(response)) => static_response(&response.section()?)?,
        (component, _) => {
            let how = if component.is_some() { "has both" } else { "has neither" };
            let what = format!("the trigger {how} `component` and `static_response`");
            return Err(ManifestError::OneOf { place: table.place(), what });
        }
    };
    let component = match &target {
        Target::Component(id) => Some(id.as_str()),
        Target::Static { .. } => None,
    };
    Ok(HttpTrigger { id: ids.of(table, "http", component)?, route, target, line: table.place().line })
}

fn cron(table: &Section<'_>, ids: &mut Ids, manifest: &Manifest) -> Result<CronTrigger, ManifestError> {
    table.only(&["component", "components", "cron_expression", "dependencies", "id"])?;
    refuse_common(table)?;
    let component = component_id(&table.need("component")?, manifest)?;
    let field = table.need("cron_expression")?;
    let expression = field.text()?;
    // As in the `cron` crate that Spin's cron trigger uses: seconds come first and must be there, 1 is Sunday, and a day
    // of the month and a day of the week must both match.
    let parser = CronParser::builder()
        .seconds(Seconds::Required)
        .alternative_weekdays(true)
        .dom_and_dow(true)
        .sloppy_ranges(true)
        .build();
    let schedule = parser.parse(expression).map_err(|error| {
        let reason =
            format!("{error}; write seconds, minutes, hours, day, month and weekday, such as \"*/5 * * * * *\"");
        field.invalid(expression, reason)
    })?;
    Ok(CronTrigger {
        id: ids.of(table, "cron", Some(&component))?,
        component,
        expression: expression.to_owned(),
        schedule,
        line: table.place().line,
    })
}

/// The address of the Redis triggers that have none of their own.
fn redis_server(settings: &Section<'_>, manifest: &Manifest) -> Result<Option<Template>, ManifestError> {
    let Some(field) = settings.get("redis") else { return Ok(None) };
    let table = field.section()?;
    table.only(&["address"])?;
    table.get("address").map(|field| template(&field, manifest)).transpose()
}

fn redis(
    table: &Section<'_>,
    ids: &mut Ids,
    server: Option<&Template>,
    manifest: &Manifest,
) -> Result<RedisTrigger, ManifestError> {
    table.only(&["address", "channel", "component", "components", "dependencies", "id"])?;
    refuse_common(table)?;
    let component = component_id(&table.need("component")?, manifest)?;
    let address = match (table.get("address"), server) {
        (None, Some(server)) => server.clone(),
        (None, None) => template(&table.need("address")?, manifest)?,
        (Some(own), _) => template(&own, manifest)?,
    };
    Ok(RedisTrigger {
        id: ids.of(table, "redis", Some(&component))?,
        component,
        address,
        channel: template(&table.need("channel")?, manifest)?,
        line: table.place().line,
    })
}

fn refuse_common(table: &Section<'_>) -> Result<(), ManifestError> {
    let refused = [("components", "several components in one trigger"), ("dependencies", "HTTP middleware")];
    for (key, feature) in refused {
        if let Some(field) = table.get(key).filter(|field| !field.is_empty()) {
            return Err(not_here(&field, feature));
        }
    }
    Ok(())
}

fn component_id(field: &Field<'_>, manifest: &Manifest) -> Result<String, ManifestError> {
    if field.is_table() {
        return Err(not_here(field, "components written inside a trigger"));
    }
    let id = field.text()?;
    if manifest.components.contains_key(id) {
        return Ok(id.to_owned());
    }
    let (place, key) = (field.place(), field.name().to_owned());
    Err(ManifestError::UnknownComponent { place, key, name: id.to_owned() })
}

fn route(field: &Field<'_>) -> Result<Route, ManifestError> {
    if field.is_text() {
        let text = field.text()?;
        let pattern = Pattern::parse(text).map_err(|error| field.invalid(text, error.to_string()))?;
        return Ok(Route::Public(pattern));
    }
    let table = field.section().map_err(|_| field.wrong_type("a path, or `{ private = true }`"))?;
    table.only(&["private"])?;
    let private = table.need("private")?;
    if private.boolean()? {
        return Ok(Route::Private);
    }
    Err(private.invalid(false, "write a path such as \"/api/...\", or `{ private = true }`").into())
}

fn static_response(table: &Section<'_>) -> Result<Target, ManifestError> {
    table.only(&["body", "headers", "status_code"])?;
    let status = table.get("status_code").map(|field| {
        let code = field.integer(200..=599)?;
        let code = u16::try_from(code).ok().and_then(|code| StatusCode::from_u16(code).ok());
        code.ok_or_else(|| field.wrong_type("a status code"))
    });
    let mut headers = HeaderMap::new();
    if let Some(field) = table.get("headers") {
        for (name, field) in field.section()?.fields() {
            let value = field.text()?;
            let pair = HeaderName::try_from(name).ok().zip(HeaderValue::from_str(value).ok());
            let (name, value) =
                pair.ok_or_else(|| field.invalid(value, "this is no HTTP header; correct its name or value"))?;
            headers.insert(name, value);
        }
    }
    let body = super::app::text_or_empty(table, "body")?;
    Ok(Target::Static { status: status.transpose()?.unwrap_or(StatusCode::OK), headers, body })
}

fn unique_routes(manifest: &Manifest) -> Result<(), ManifestError> {
    let mut seen = BTreeMap::new();
    for trigger in &manifest.http {
        let Route::Public(pattern) = &trigger.route else { continue };
        if let Some(first) = seen.insert(pattern.key(), trigger.line) {
            let what = format!("the route {:?}", pattern.raw());
            return Err(ManifestError::Duplicate { place: manifest.place(trigger.line), what, first });
        }
    }
    Ok(())
}

fn not_here(field: &Field<'_>, feature: &'static str) -> ManifestError {
    ManifestError::NotInTheHost { place: field.place(), key: field.name().to_owned(), feature }
}

/// The ids of triggers: those that are given, and those that are made of the component's name as Spin makes them.
struct Ids(BTreeMap<String, usize>);

impl Ids {
    fn given(section: &Section<'_>) -> Result<Self, ManifestError> {
        let mut ids = BTreeMap::new();
        for (_, field) in section.fields() {
            for trigger in field.list()? {
                let Some(id) = trigger.section()?.get("id") else { continue };
                if let Some(first) = ids.insert(id.text()?.to_owned(), trigger.line()) {
                    let what = format!("the id {:?}", id.text()?);
                    return Err(ManifestError::Duplicate { place: id.place(), what, first });
                }
            }
        }
        Ok(Self(ids))
    }

    fn of(&mut self, table: &Section<'_>, kind: &str, component: Option<&str>) -> Result<String, ManifestError> {
        if let Some(id) = table.get("id") {
            return Ok(id.text()?.to_owned());
        }
        let natural = component.map(|component| format!("{component}-{kind}-trigger"));
        let counted = (1..).map(|number| format!("{kind}-trigger{number}"));
        let id = natural.into_iter().chain(counted).find(|id| !self.0.contains_key(id)).unwrap_or_default();
        self.0.insert(id.clone(), table.place().line);
        Ok(id)
    }
}
