//! The pages: server-rendered HTML that works without scripts, one file a page with route, view
//! and handler. Nothing here knows SQL; every act goes through `taizhang-service`.

mod app;
pub mod assets;
pub mod components;
pub mod frame;
mod pages;
mod text;
