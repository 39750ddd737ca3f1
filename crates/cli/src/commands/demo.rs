//! `taizhang demo`: an invented county, served at once.

use super::serve::serve;
use crate::exit::Exit;
use crate::output::Output;
use crate::place::Place;
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;
use taizhang_diagnostics::Language;
use taizhang_service::ServiceError;

/// Builds the demonstration county and serves it on the loopback address.
#[derive(Debug, Args)]
#[command(after_help = "示例 Examples:\n  taizhang demo\n  taizhang demo --listen 127.0.0.1:9000")]
pub(crate) struct Demo {
    /// 监听地址 (address to listen on)
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// 只造数据，不启动网页 (build only)
    #[arg(long)]
    build_only: bool,
}

impl Demo {
    pub(crate) fn run(self, place: &Place, output: &Output) -> Result<Exit, ServiceError> {
        if !self.listen.ip().is_loopback() {
            output.note(output.pick(
                "演示账号的密码是公开的，只能监听本机地址",
                "the passwords of the demonstration are public: listen on a loopback address",
            ));
            return Ok(Exit::Faults);
        }
        let directory = place.data_dir().join("demo");
        output.note(output.pick("正在准备演示数据…", "building the demonstration county …"));
        let service = place.open_in(PathBuf::from(&directory))?;
        let logins = service.build_demo()?;
        let language = output.language();
        output.line(&format!("http://{}", self.listen));
        for login in &logins {
            let role = service.codebook().roles.get(&login.role);
            let role = role.map_or("", |role| role.label.text(language));
            output
                .line(&format!("  {:<12} {}  {} {role}", login.login, login.password, login.name));
        }
        if language == Language::Zh {
            output.line("按 Ctrl+C 停止");
        } else {
            output.line("press Ctrl+C to stop");
        }
        if self.build_only {
            return Ok(Exit::Success);
        }
        serve(service, self.listen, true, output)
    }
}
