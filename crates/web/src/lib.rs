//! The pages: server-rendered HTML that works without scripts, one file a page with route, view
//! and handler. Nothing here knows SQL; every act goes through `taizhang-service`.
//!
//! # Example
//! ```no_run
//! # async fn run(service: taizhang_service::Service) -> std::io::Result<()> {
//! use taizhang_web::{AppState, WebOptions, serve};
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
//! let state = AppState::new(service, WebOptions { is_https: false, is_demo: true });
//! serve(listener, state, std::future::pending()).await
//! # }
//! ```

mod app;
pub mod assets;
pub mod components;
pub mod frame;
mod pages;
mod text;

pub use app::{AppState, FormValues, WebError, WebOptions, serve};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use tower_http::compression::CompressionLayer;

/// All pages and assets.
pub fn router(state: AppState) -> Router {
    let pages = pages::routes(state.options())
        .fallback(|| async { WebError::NotFound })
        .method_not_allowed_fallback(|| async { WebError::Method })
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(state.clone(), app::around))
        .with_state(state);
    Router::new()
        .route("/assets/{name}", get(assets::send))
        .route("/healthz", get(|| async { "ok" }))
        .merge(pages)
        .layer(CompressionLayer::new())
}
