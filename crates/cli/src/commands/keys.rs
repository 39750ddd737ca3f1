//! `taizhang keys`: a change of the sealing key.

use crate::exit::Exit;
use crate::output::Output;
use crate::place::Place;
use clap::Subcommand;
use taizhang_service::{Clock, Service, ServiceError, SystemClock};

/// Keys of sealed fields.
#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// 换密钥：敏感内容用新密钥重新加密 (adds a key and seals sensitive values with it)
    #[command(
        after_help = "先停止服务。旧密钥留在 keys 目录，历史版本和旧备份还要用。 Stop the server \
                            first. The old keys stay in the keys folder, for history and \
                            older backups.\n\n示例 Example:\n  taizhang keys rotate --data \
                            /srv/taizhang\n  taizhang keys rotate --resume --data /srv/taizhang"
    )]
    Rotate {
        /// 接着上次没做完的，不加新密钥 (goes on where it was broken off, without a new key)
        #[arg(long)]
        resume: bool,
    },
}

impl Keys {
    /// Carries the command out.
    pub(crate) fn run(self, place: &Place, output: &Output) -> Result<Exit, ServiceError> {
        let Self::Rotate { resume } = self;
        output.note(output.pick(
            "须先停止服务：正在运行的服务不认识新密钥，换完再启动",
            "stop the server first: a running one does not know the new key",
        ));
        let count = Service::rotate_keys(&place.options(), !resume, SystemClock.now())?;
        let words = output.pick("条记录已用新密钥加密", "records sealed with the current key");
        output.line(&format!("{count} {words}"));
        Ok(Exit::Success)
    }
}
