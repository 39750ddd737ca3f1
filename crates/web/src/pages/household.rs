//! Not yet there.

use crate::app::AppState;
use axum::Router;

/// The routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
}
