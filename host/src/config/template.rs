//! Templates: text in which `{{ name }}` stands for an application variable.

use std::fmt;

/// A parsed template. Spin's syntax: from `{{` to the next `}}` is a variable's name, spaces around it dropped; a single
/// brace, and a `}}` without a `{{` before it, are plain text. There is no way to write a plain `{{`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

/// One piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Plain text.
    Literal(String),
    /// The name of a variable.
    Variable(String),
}

/// Text that is no template.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A `{{` is never closed.
    #[error("a `{{{{` is not closed; close it with `}}}}`")]
    Unclosed,
}

impl Template {
    /// Parses a template.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((literal, after)) = rest.split_once("{{") {
            let (name, remainder) = after.split_once("}}").ok_or(TemplateError::Unclosed)?;
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.to_owned()));
            }
            parts.push(Part::Variable(name.trim().to_owned()));
            rest = remainder;
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        Ok(Self { parts })
    }

    /// Its pieces, in order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The names of its variables, in order.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable(name) => Some(name.as_str()),
            Part::Literal(_) => None,
        })
    }

    /// Whether it names no variable.
    pub fn is_literal(&self) -> bool {
        self.variables().next().is_none()
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Literal(text) => f.write_str(text),
            Part::Variable(name) => write!(f, "{{{{ {name} }}}}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_variables_alternate() {
        let template = Template::parse("http://{{ host }}:{{port}}/").unwrap();
        assert_eq!(template.variables().collect::<Vec<_>>(), ["host", "port"]);
        assert_eq!(template.to_string(), "http://{{ host }}:{{ port }}/");
        assert!(!template.is_literal());
        assert!(Template::parse("").unwrap().parts().is_empty());
    }

    #[test]
    fn single_braces_and_stray_closers_are_text() {
        for text in ["{ a }", "a }} b", "{\"json\": {}}"] {
            let template = Template::parse(text).unwrap();
            assert!(template.is_literal());
            assert_eq!(template.to_string(), text);
        }
    }

    #[test]
    fn an_open_brace_pair_must_be_closed() {
        assert_eq!(Template::parse("{{ a }} {{ b"), Err(TemplateError::Unclosed));
    }
}
