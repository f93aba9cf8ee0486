//! The document, and values in it that exist in one deployment.

use std::fs;

use anyhow::{Context as _, Result};
use serde_json::Value;
use vitrine_scenarios::harness::repository;

/// The OpenAPI document of the app.
#[derive(Debug, Clone)]
pub struct Document(Value);

impl Document {
    /// As it is in `docs/`, where a test keeps it what the code says.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read() -> Result<Self> {
        let path = repository().join("docs/openapi.json");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Self(serde_json::from_str(&text)?))
    }

    /// With a body of an operation that leads somewhere, since no generated one does: its password is right.
    ///
    /// # Errors
    /// When there is no such operation, or it takes no JSON.
    pub fn with_body(mut self, operation: &str, body: Value) -> Result<Self> {
        let content = self.operation(operation)?.pointer_mut("/requestBody/content/application~1json");
        let content = content.and_then(Value::as_object_mut).with_context(|| format!("{operation} takes no JSON"))?;
        content.insert("example".to_owned(), body);
        Ok(self)
    }

    /// With a parameter of an operation that leads somewhere.
    ///
    /// # Errors
    /// When there is no such operation, or no such parameter of it.
    pub fn with_parameter(mut self, operation: &str, name: &str, value: &str) -> Result<Self> {
        let parameters = self.operation(operation)?.get_mut("parameters").and_then(Value::as_array_mut);
        let named = |parameter: &&mut Value| parameter.get("name").is_some_and(|it| it == name);
        let parameter = parameters.and_then(|all| all.iter_mut().find(named)).and_then(Value::as_object_mut);
        let parameter = parameter.with_context(|| format!("{operation} has no parameter {name}"))?;
        parameter.insert("example".to_owned(), Value::from(value));
        Ok(self)
    }

    fn operation(&mut self, id: &str) -> Result<&mut Value> {
        let paths = self.0.get_mut("paths").and_then(Value::as_object_mut).context("the document has no paths")?;
        let mut operations = paths.values_mut().filter_map(Value::as_object_mut).flat_map(serde_json::Map::values_mut);
        let found = operations.find(|operation| operation.get("operationId").is_some_and(|it| it == id));
        found.with_context(|| format!("there is no operation {id}"))
    }

    /// As text.
    pub(crate) fn text(&self) -> String {
        self.0.to_string()
    }
}
