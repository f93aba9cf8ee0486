//! Query strings and path parameters whose refusals are problems.

use crate::{Kind, Problem, field::wrong_field};
use axum::{
    extract::{FromRequestParts, rejection::PathRejection},
    http::request::Parts,
};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;

/// The query string as a `T`; anything else is a 400 problem that names the parameter.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // The form decoder would put U+FFFD where bytes are not UTF-8, and a client would not get back what it sent.
        let query = parts.uri.query().unwrap_or_default();
        if percent_decode_str(query).decode_utf8().is_err() {
            return Err(Problem::bad_request(
                "The query string is not UTF-8; percent-encode the UTF-8 bytes of each value.",
            ));
        }
        let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
        serde_path_to_error::deserialize(pairs)
            .map(Self)
            .map_err(|error| wrong_field(Kind::BadRequest, "query string", &error.path().to_string(), error.inner()))
    }
}

/// The parameters of the path as a `T`. A value that is none of its type (such as an id that is no UUID) names nothing,
/// so it is a 404 problem.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(path)) => Ok(Self(path)),
            Err(PathRejection::FailedToDeserializePathParams(_)) => {
                Err(Problem::not_found("There is nothing of that name; check the address."))
            }
            Err(error) => Err(Problem::internal(&error)),
        }
    }
}
