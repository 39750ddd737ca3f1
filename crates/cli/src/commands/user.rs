//! `taizhang user`: accounts, from the terminal of the machine.

use crate::exit::Exit;
use crate::output::Output;
use crate::place::Place;
use clap::Subcommand;
use taizhang_service::ServiceError;
use taizhang_service::accounts::NewUser;
use taizhang_values::RegionCode;

/// Acts on accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// 新增用户并授一个角色，显示一次性初始密码 (add a person with a role; prints a first password)
    #[command(after_help = "示例 Example:\n  taizhang user add zhouwen --name 周雯 --role \
                            township_clerk --region 990101100")]
    Add {
        /// 登录名 (log-in name)
        login: String,
        /// 姓名 (name)
        #[arg(long)]
        name: String,
        /// 角色 (role of the codebook)
        #[arg(long)]
        role: String,
        /// 区划代码 (region code)
        #[arg(long)]
        region: String,
        /// 单位名称 (name of the unit)
        #[arg(long)]
        unit: Option<String>,
    },
    /// 重置密码 (a new first password)
    Password {
        /// 登录名 (log-in name)
        login: String,
    },
    /// 列出角色 (list roles)
    Roles,
}

impl User {
    pub(crate) fn run(self, place: &Place, output: &Output) -> Result<Exit, ServiceError> {
        let service = place.open()?;
        match self {
            Self::Add { login, name, role, region, unit } => {
                let region = RegionCode::parse(&region).ok_or_else(super::import::bad_region)?;
                let unit = service.operator_unit(unit.as_deref(), &region)?;
                let new = NewUser { login, name, unit, region };
                let password = service.operator_add_user(&new, &role)?;
                output.line(&password);
                output.note(output.pick(
                    "初始密码只显示这一次，首次登录须修改",
                    "the first password is shown once and must be changed at sign-in",
                ));
            }
            Self::Password { login } => {
                let password = service.operator_reset_password(&login)?;
                output.line(&password);
            }
            Self::Roles => {
                for role in service.codebook().roles.values() {
                    output.line(&format!(
                        "{:<20} {}",
                        role.name,
                        role.label.text(output.language())
                    ));
                }
            }
        }
        Ok(Exit::Success)
    }
}
