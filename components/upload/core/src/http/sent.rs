//! What a request sends of a photo: bytes, with what is said about them in the address, or a form with both.
use axum::body::Body;
use axum::http::{HeaderMap, header};
use futures::{FutureExt as _, StreamExt as _, future};
use serde::Deserialize;
use vitrine_edge::{Form, Part, Problem};

use crate::error::UploadError;
use crate::model::{Change, Details, Tags};
use crate::service::Sent;

/// The most bytes of a text in a form.
const TEXT: usize = 16 * 1024;

/// The name of the picture in a form.
const FILE: &str = "file";

/// What is said about a photo, as it came.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Said {
    title: Option<String>,
    description: Option<String>,
    /// With commas between them.
    tags: Option<String>,
    visibility: Option<String>,
}

impl Said {
    /// Reads a part of a form that is not the picture.
    async fn take(&mut self, part: Part) -> Result<(), Problem> {
        let place = match part.name() {
            "title" => &mut self.title,
            "description" => &mut self.description,
            "tags" => &mut self.tags,
            "visibility" => &mut self.visibility,
            _ => return Err(part.refused("There is no such field here.")),
        };
        // Lists of a form are fields of the same name.
        if let Some(tags) = place.as_mut().filter(|_| part.name() == "tags") {
            tags.push(',');
            tags.push_str(&part.text(TEXT).await?);
            return Ok(());
        }
        if place.is_some() {
            return Err(part.refused("It is there twice."));
        }
        *place = Some(part.text(TEXT).await?);
        Ok(())
    }

    fn check(&self) -> Result<Details, UploadError> {
        let tags = self.tags.as_deref().map(Tags::listed).transpose()?;
        let change = Change::new(self.title.as_deref(), self.description.as_deref(), tags, self.visibility.as_deref())?;
        Ok(change.of(Details::default()))
    }
}

/// What a request sends. All is checked that comes before the picture, so that no byte of it is read in vain. `said` stands in the
/// address.
///
/// # Errors
/// See [`UploadError`].
pub(crate) async fn read(headers: &HeaderMap, said: Said, body: Body) -> Result<Sent, UploadError> {
    if let Some(coding) = headers.get(header::CONTENT_ENCODING).filter(|it| it.as_bytes() != b"identity") {
        let coding = String::from_utf8_lossy(coding.as_bytes());
        return Err(UploadError::UnsupportedType(format!("The body is coded ({coding})")));
    }
    if Form::is_one(headers) {
        return of_form(Form::streaming(headers, body)?).await;
    }
    let value = headers.get(header::CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
    check_type(value.as_deref())?;
    let details = said.check();
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let body = body.into_data_stream().map(|piece| piece.map_err(|error| error.to_string()));
    Ok(Sent { declared, body: body.boxed(), details: future::ready(Ok(details?)).boxed() })
}

async fn of_form(mut form: Form) -> Result<Sent, UploadError> {
    let mut said = Said::default();
    let file = loop {
        let Some(part) = form.next().await? else {
            let problem = Problem::bad_request("The form has no picture. Send it as a file, in the field `file`.");
            return Err(problem.with_field(FILE, "It is missing.").into());
        };
        if part.name() == FILE {
            break part;
        }
        said.take(part).await?;
    };
    said.check()?;
    if file.file_name().is_none() {
        return Err(file.refused("It is no file.").into());
    }
    check_type(file.content_type())?;
    let body = file.into_stream().map(|piece| piece.map_err(|problem| problem.detail().to_owned()));
    let details = async move {
        while let Some(part) = form.next().await? {
            if part.name() == FILE {
                return Err(part.refused("There are two; send one photo in a form.").into());
            }
            said.take(part).await?;
        }
        said.check()
    };
    Ok(Sent { declared: None, body: body.boxed(), details: details.boxed() })
}

/// The declared type says only that the sender means to send a picture; what it is, the engine finds out.
fn check_type(value: Option<&str>) -> Result<(), UploadError> {
    let Some(value) = value else {
        return Err(UploadError::UnsupportedType("There is no Content-Type".to_owned()));
    };
    let value = value.to_ascii_lowercase();
    let essence = value.split(';').next().unwrap_or_default().trim();
    if essence == "application/octet-stream" || essence.starts_with("image/") {
        return Ok(());
    }
    Err(UploadError::UnsupportedType(format!("The Content-Type is {essence}")))
}
