//! Forms with files: streamed to a temporary file, counted while they arrive.

use super::visit::Arrival;
use super::{AppState, FormValues, WebError, again, token};
use axum::extract::multipart::Field;
use axum::extract::{FromRequest, Multipart, Request};
use std::io::{Seek, SeekFrom};
use tokio::io::AsyncWriteExt;

/// Most bytes of one uploaded file (`reliability.md` §5).
pub(crate) const FILE_BYTES_MAX: u64 = 50 * 1024 * 1024;
/// Where workbooks of the register come in, which are streamed and may be larger.
const IMPORT_PATH: &str = "/import";
/// Most files of one form.
const FILES_MAX: usize = 20;
/// Most bytes of the other fields together.
const FIELDS_BYTES_MAX: usize = 1024 * 1024;
/// What a field costs beside its name and value, so that many empty ones are not free.
const FIELD_BYTES: usize = 64;
/// A body far over the limit is read and dropped up to so many times the limit, so that the
/// browser gets the answer instead of a broken connection.
const DRAIN_TIMES: u64 = 8;
/// Characters of a file name that are kept.
const NAME_LENGTH_MAX: usize = 120;

/// One file, at its beginning.
#[derive(Debug)]
pub(crate) struct UploadedFile {
    /// Name as the user named it; shown, never a path.
    pub(crate) name: String,
    /// Content in an unnamed temporary file.
    pub(crate) content: std::fs::File,
}

/// A form with files, its token checked before the first file is read.
#[derive(Debug)]
pub(crate) struct Upload {
    /// Other fields.
    pub(crate) values: FormValues,
    /// Files that were chosen, in order.
    pub(crate) files: Vec<UploadedFile>,
    /// Bytes that the other fields take.
    fields_bytes: usize,
}

impl FromRequest<AppState> for Upload {
    type Rejection = WebError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, WebError> {
        let arrival = request.extensions().get::<Arrival>().ok_or(WebError::Panic)?;
        let token = arrival.token.clone();
        let user = arrival.session.as_ref().map(|session| session.caller.user.clone());
        let most = if request.uri().path() == IMPORT_PATH {
            FILE_BYTES_MAX.max(taizhang_service::imports::REGISTER_BYTES_MAX)
        } else {
            FILE_BYTES_MAX
        };
        let mut parts =
            Multipart::from_request(request, state).await.map_err(|_| WebError::Stale)?;
        let mut upload = Self { values: FormValues::default(), files: Vec::new(), fields_bytes: 0 };
        let mut total = 0u64;
        let mut is_over = false;
        while let Some(mut part) = next(&mut parts).await? {
            let name = part.name().unwrap_or_default().to_owned();
            let Some(file_name) = part.file_name().map(str::to_owned) else {
                upload.take_field(name, &mut part).await?;
                continue;
            };
            if !token::fits(&token, upload.values.get("_csrf")) {
                return Err(WebError::Stale);
            }
            match receive(&mut part, (&mut total, most), is_over).await? {
                Some(content) if !file_name.is_empty() => {
                    let name = file_name.chars().take(NAME_LENGTH_MAX).collect();
                    upload.files.push(UploadedFile { name, content });
                }
                Some(_) => {}
                None => is_over = true,
            }
            if upload.files.len() > FILES_MAX {
                return Err(WebError::BodyTooLarge(FILE_BYTES_MAX));
            }
        }
        if !token::fits(&token, upload.values.get("_csrf")) {
            return Err(WebError::Stale);
        }
        if is_over {
            let limit_bytes = most;
            return Err(taizhang_service::ServiceError::TooLarge { limit_bytes }.into());
        }
        let key = upload.values.get("_key").to_owned();
        if let (Some(user), false, Ok(form)) =
            (user, key.is_empty(), again::FORM.try_with(std::clone::Clone::clone))
        {
            again::take(state, &form, &user, &key, &upload.fingerprint()).await?;
        }
        Ok(upload)
    }
}

impl Upload {
    /// Tells one body from another: the fields, and name and size of each file.
    fn fingerprint(&self) -> String {
        let fields = self.values.0.iter().map(|(name, value)| format!("{name}={value}\n"));
        let size = |file: &UploadedFile| file.content.metadata().map_or(0, |known| known.len());
        let files = self.files.iter().map(|file| format!("{} {}\n", file.name, size(file)));
        again::hash(fields.chain(files).collect::<String>().as_bytes())
    }

    async fn take_field(&mut self, name: String, part: &mut Field<'_>) -> Result<(), WebError> {
        let mut bytes = Vec::new();
        self.fields_bytes += FIELD_BYTES + name.len();
        while let Some(chunk) = part.chunk().await.map_err(|_| WebError::Stale)? {
            self.fields_bytes += chunk.len();
            if self.fields_bytes > FIELDS_BYTES_MAX {
                return Err(WebError::BodyTooLarge(super::around::FORM_BYTES_MAX));
            }
            bytes.extend_from_slice(&chunk);
        }
        self.values.0.push((name, String::from_utf8_lossy(&bytes).into_owned()));
        Ok(())
    }
}

async fn next<'a>(parts: &'a mut Multipart) -> Result<Option<Field<'a>>, WebError> {
    parts.next_field().await.map_err(|_| WebError::Stale)
}

/// Streams one file to disk; `None` if it is over the limit (the rest is dropped).
async fn receive(
    part: &mut Field<'_>,
    (total, most): (&mut u64, u64),
    was_over: bool,
) -> Result<Option<std::fs::File>, WebError> {
    let failed = |error: std::io::Error| {
        WebError::Service(taizhang_service::ServiceError::Internal(error.kind().to_string()))
    };
    let file = tempfile::tempfile().map_err(failed)?;
    let mut file = tokio::fs::File::from_std(file);
    let mut size = 0u64;
    let mut is_over = was_over;
    while let Some(chunk) = part.chunk().await.map_err(|_| WebError::Stale)? {
        let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        size = size.saturating_add(length);
        *total = total.saturating_add(length);
        is_over |= size > most;
        if *total > DRAIN_TIMES * most {
            return Err(taizhang_service::ServiceError::TooLarge { limit_bytes: most }.into());
        }
        if !is_over {
            file.write_all(&chunk).await.map_err(failed)?;
        }
    }
    if is_over {
        return Ok(None);
    }
    file.flush().await.map_err(failed)?;
    let mut file = file.into_std().await;
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    Ok(Some(file))
}
