//! Serves the demonstration county from a data directory: `demo_pages DIR [PORT]`. For looking at
//! pages while working on them; `taizhang demo` is the real thing.

use std::sync::Arc;
use taizhang_service::{OpenOptions, Service, SystemClock};
use taizhang_web::{AppState, WebOptions, serve};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let data_dir = arguments.next().unwrap_or_else(|| "data".to_owned()).into();
    let port = arguments.next().unwrap_or_else(|| "8080".to_owned());
    let options = OpenOptions { data_dir, ..OpenOptions::default() };
    let service = Service::open(&options, Arc::new(SystemClock))?;
    let logins = service.build_demo()?;
    for login in logins {
        tracing::info!(login.login, login.role, "login");
    }
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    let state = AppState::new(service, WebOptions { is_https: false, is_demo: true });
    serve(listener, state, std::future::pending()).await?;
    Ok(())
}
