//! Projects that went the whole way in good order.

use crate::day::Day;
use crate::record::{Record, id};

/// Fills the steps of a project from the day of its fund notice on, as far as `status`.
pub(crate) fn fill(record: Record, notice: Day, value: i64, status: &'static str) -> Record {
    let proposed = notice.plus(-200);
    let record = record
        .with("year", notice.year())
        .with("project_status", status)
        .with("is_in_library", true)
        .with("proposed_on", proposed)
        .with("voted_on", proposed.plus(5))
        .with("reviewed_on", proposed.plus(30))
        .with("argued_on", proposed.plus(50))
        .with("decided_on", proposed.plus(70))
        .with("noticed_on", proposed.plus(75))
        .with("approval_no", "县衔接组批复")
        .with("plan_text", "按实施方案组织建设，明确内容、标准、工期")
        .with("responsible_person", "项目责任人")
        .with("inspector", "督查责任人")
        .with("fund_notice_no", "县财资金文号")
        .with("fund_notice_on", notice)
        .with("fund_arrived_on", notice.plus(4))
        .with("fund_arrived", value)
        .with("budget_amount", value)
        .with("contract_amount", value)
        .with("has_separate_account", true)
        .with("planned_start_on", notice.plus(15))
        .with("planned_finish_on", notice.plus(60))
        .with("started_on", notice.plus(15))
        .with("performance_target", "受益农户稳定增收")
        .with("targets_set", 4);
    if status == "under_way" {
        return record;
    }
    record
        .with("capitalised_amount", value)
        .with("finished_on", notice.plus(50))
        .with("accepted_on", notice.plus(60))
        .with("acceptance_has_list", true)
        .with("acceptance_has_drawings", true)
        .with("acceptance_inspectors", 3)
        .with("assets_entered_on", notice.plus(70))
        .with("targets_scored", 4)
}

/// Notices, payments and inspections of a filled project, without ids of their own.
pub(crate) fn children(project: &Record, level: &'static str) -> Vec<Record> {
    let Some(notice) = project.day("fund_notice_on") else {
        return Vec::new();
    };
    let own = |ledger| Record::new(ledger, 0, project.region).with("project", id(project.id));
    let value = project.whole("fund_arrived");
    let mut rows = vec![
        own("project_notice")
            .with("notice_level", level)
            .with("board", "村务公开栏")
            .with("started_on", notice.plus(1))
            .with("ended_on", notice.plus(13))
            .with("photo", "公示照片"),
        own("project_inspection")
            .with("inspected_on", notice.plus(30))
            .with("inspector", "镇项目办")
            .with("manager_present", true)
            .with("supervisor_present", true)
            .with("progress_percent", crate::record::Cell::Decimal(500_000)),
    ];
    for (after, share) in [(20, 40), (65, 60)] {
        rows.push(
            own("project_payment")
                .with("paid_on", notice.plus(after))
                .with("amount", value * share / 100)
                .with("payee", "承建单位")
                .with("voucher_no", "记账凭证"),
        );
    }
    rows
}
