//! Roles: known ledgers and powers, no writing blind, three administrators kept apart.

use super::{Checker, Path};
use crate::faults::FaultKind;
use crate::model::{Action, Grant, Role};
use crate::names::{ADMINISTRATION_LEDGERS, POWERS, SENSITIVE_WORDS, SEPARATE_POWERS};
use taizhang_diagnostics::Message;

pub(super) fn check(checker: &Checker<'_>, role: &Role) {
    let path = ["roles", role.name.as_str()];
    if role.levels.is_empty() {
        checker.nothing_inside(&path, "级别 levels", "levels in `levels`");
    }
    for (position, power) in role.powers.iter().enumerate() {
        if !POWERS.contains(&power.as_str()) {
            let position = position.to_string();
            let path = [path.as_slice(), &["powers", position.as_str()]].concat();
            checker.unknown(FaultKind::UnknownPower, &path, ("权力", "power"), power, POWERS);
        }
    }
    for (ledger, grant) in &role.grants {
        let below = [path.as_slice(), &["grants", ledger.as_str()]].concat();
        check_grant(checker, ledger, grant, &below);
    }
    check_administrator(checker, role, &path);
}

fn check_grant(checker: &Checker<'_>, ledger: &str, grant: &Grant, path: Path<'_>) {
    let Some(ledger) = checker.ledger(ledger, path) else {
        return;
    };
    if !grant.actions.is_empty() && !grant.actions.contains(&Action::Read) {
        checker.fault(
            FaultKind::WriteWithoutRead,
            &[path, &["actions"]].concat(),
            format!("`{}`有其他权限却没有 read", ledger.name),
            format!("rights in `{}` without `read`", ledger.name),
        );
    }
    for name in grant.fields.keys() {
        if ledger.field(name).is_none() && !SENSITIVE_WORDS.contains(&name.as_str()) {
            let path = [path, &["fields", name.as_str()]].concat();
            checker.unknown_field(ledger, name, &path, &SENSITIVE_WORDS);
        }
    }
}

fn check_administrator(checker: &Checker<'_>, role: &Role, path: Path<'_>) {
    let held: Vec<&str> = SEPARATE_POWERS
        .into_iter()
        .filter(|power| role.powers.iter().any(|held| held == power))
        .collect();
    if held.len() > 1 {
        let list = held.join("`, `");
        checker.fault_with_help(
            FaultKind::PowersJoined,
            &[path, &["powers"]].concat(),
            Message::new(
                format!("一个角色不能同时有`{list}`"),
                format!("one role must not hold `{list}`"),
            ),
            Message::new(
                "系统、安全、审计三员分立，分给三个角色",
                "system, security and audit administrators are three roles",
            ),
        );
    }
    if held.is_empty() {
        return;
    }
    for ledger in role.grants.keys() {
        if !ADMINISTRATION_LEDGERS.contains(&ledger.as_str()) {
            checker.fault(
                FaultKind::AdminSeesCases,
                &[path, &["grants", ledger.as_str()]].concat(),
                format!("管理员`{}`不应看到台账`{ledger}`", role.name),
                format!("administrator `{}` must not see ledger `{ledger}`", role.name),
            );
        }
    }
}
