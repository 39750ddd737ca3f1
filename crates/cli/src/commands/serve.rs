//! `taizhang serve`: the pages for a county.

use crate::exit::Exit;
use crate::output::Output;
use crate::place::Place;
use clap::Args;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use taizhang_service::{Service, ServiceError};
use taizhang_web::{AppState, WebOptions};

/// Serves the pages and runs the clockwork behind them.
#[derive(Debug, Args)]
#[command(
    after_help = "示例 Example:\n  taizhang serve --data /srv/taizhang --listen 0.0.0.0:8080"
)]
pub(crate) struct Serve {
    /// 监听地址 (address to listen on)
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// 前面有 https 代理 (pages are reached by https)
    #[arg(long)]
    https: bool,
}

impl Serve {
    pub(crate) fn run(self, place: &Place, output: &Output) -> Result<Exit, ServiceError> {
        let service = place.open()?;
        if service.is_fresh()? {
            output.note(output.pick(
                "还没有用户；先运行 taizhang user add",
                "nobody has an account yet; run taizhang user add first",
            ));
        }
        output.line(&format!("http://{}", self.listen));
        let options = WebOptions { is_https: self.https, is_demo: false };
        run(service, self.listen, options, output)
    }
}

/// Serves until Ctrl+C.
pub(super) fn serve(
    service: Service,
    listen: SocketAddr,
    is_demo: bool,
    output: &Output,
) -> Result<Exit, ServiceError> {
    run(service, listen, WebOptions { is_https: false, is_demo }, output)
}

fn run(
    service: Service,
    listen: SocketAddr,
    options: WebOptions,
    output: &Output,
) -> Result<Exit, ServiceError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| ServiceError::Internal(error.to_string()))?;
    let served = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(listen).await?;
        // Only who has the address may end the runs of an earlier program; the store blocks.
        let swept = service.clone();
        tokio::task::spawn_blocking(move || sweep(&swept)).await?;
        let clockwork = tokio::spawn(keep_time(service.clone()));
        let nights = tokio::spawn(keep_nights(service.clone()));
        let workers = Workers::start(&service);
        let state = AppState::new(service, options);
        let served = taizhang_web::serve(listener, state, stopped()).await;
        clockwork.abort();
        nights.abort();
        workers.stop();
        served
    });
    match served {
        Ok(()) => Ok(Exit::Success),
        Err(error) => {
            let help = output.pick("端口被占用时换一个 --listen", "choose another --listen");
            output.note(&format!("{listen}: {error}; {help}"));
            Ok(Exit::Internal)
        }
    }
}

/// Ends what an earlier program left standing as running.
fn sweep(service: &Service) {
    match service.sweep_broken_runs() {
        Ok(0) => {}
        Ok(count) => tracing::warn!(count, "runs of the rules were broken off"),
        Err(error) => tracing::error!(%error, "broken runs could not be swept"),
    }
}

/// Jobs that run at once beside the pages.
const WORKERS: usize = 2;

/// The threads that run jobs. What they run when the program ends is taken up at its next start.
struct Workers(Arc<AtomicBool>);

impl Workers {
    fn start(service: &Service) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        for number in 0..WORKERS {
            let (service, is_over) = (service.clone(), is_over.clone());
            let named = std::thread::Builder::new().name(format!("job-{number}"));
            if let Err(error) = named.spawn(move || service.work_off_jobs(&is_over)) {
                tracing::error!(%error, "a thread for jobs did not start");
            }
        }
        Self(is_over)
    }

    fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Done when the person presses Ctrl+C or the machine asks the program to end.
async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut ended) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = ended.recv() => {}
            }
            return;
        }
    }
    let _ = interrupted.await;
}

/// Reminders, the overdue ladder and look-backs, once a minute. A tick that fails is told to the
/// operator and tried again at the next.
async fn keep_time(service: Service) {
    let mut minutes = tokio::time::interval(std::time::Duration::from_secs(60));
    minutes.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        minutes.tick().await;
        let service = service.clone();
        match tokio::task::spawn_blocking(move || service.tick()).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::error!(%error, "scheduler tick failed"),
            Err(error) => tracing::error!(%error, "scheduler tick stopped"),
        }
    }
}

/// The night's work. It may take as long as a run of all rules takes, so it waits for itself.
async fn keep_nights(service: Service) {
    let mut minutes = tokio::time::interval(std::time::Duration::from_secs(60));
    minutes.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        minutes.tick().await;
        let service = service.clone();
        match tokio::task::spawn_blocking(move || service.nightly()).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::error!(%error, "the night's work failed"),
            Err(error) => tracing::error!(%error, "the night's work stopped"),
        }
    }
}
