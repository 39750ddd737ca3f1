//! Village projects, what they left, and how they were bought.

use super::Office;
use super::place::outsider;
use crate::day::Day;
use crate::project;
use crate::record::{Cell, Record, id};

const WORKS: [(&str, &str, i64); 6] = [
    ("通组道路硬化", "硬化通组道路", 24_000_000),
    ("人饮管网改造", "改造供水管网", 16_000_000),
    ("茶叶加工厂", "建设加工厂房", 28_000_000),
    ("冷库建设", "建设果蔬冷库", 20_000_000),
    ("太阳能路灯", "安装太阳能路灯", 8_000_000),
    ("文化活动广场", "修建活动广场", 12_000_000),
];

pub(super) fn emit(office: &mut Office<'_>) {
    let today = office.today();
    let mut fund = 0;
    for (place, (name, content, value)) in WORKS.into_iter().enumerate() {
        // The last one is still under way, the others went the whole way at different times.
        let under_way = place == 5;
        let back = if under_way { 44 } else { 120 + 35 * i32::try_from(place).unwrap_or(0) };
        let notice = today.plus(-back);
        let row = office.own("project");
        let number = row.id;
        let row = row
            .with("project_no", format!("X{number}"))
            .with("name", name)
            .with("township_code", office.village.township_code().to_string())
            .with("project_level", if place == 0 { "group" } else { "village" })
            .with("content", content)
            .with("place", format!("{}第{place}标段", office.village.full_name()))
            .with("fund_source", if place % 2 == 0 { "central" } else { "provincial" });
        let status = if under_way { "under_way" } else { "handed_over" };
        let mut row = project::fill(row, notice, value, status);
        if under_way {
            row.set("planned_finish_on", today.plus(40));
        }
        fund += value;
        for mut child in project::children(&row, "village") {
            let blank = office.blank(child.ledger);
            child.id = blank.id;
            if child.ledger == "project_payment" && under_way {
                let whole = child.whole("amount") > value / 2;
                child.set("paid_on", notice.plus(if whole { 40 } else { 20 }));
            }
            if child.ledger == "project_inspection" {
                child.set("inspected_on", notice.plus(30));
            }
            office.push(child);
        }
        if !under_way {
            asset(office, &row, place, value);
            purchase(office, &row, value);
        }
        office.push(row);
    }
    let mut year = office
        .upper("project_fund_year")
        .with("township_code", format!("{}", office.village.township_code()))
        .with("year", today.year())
        .with("fund_amount", fund * 18);
    if office.village.leads_township {
        year.set("fund_amount", fund * 9);
        office.push(year);
    }
}

fn asset(office: &mut Office<'_>, project: &Record, place: usize, value: i64) {
    let operating = matches!(place, 2 | 3);
    let accepted = project.day("accepted_on").unwrap_or(office.today());
    let row = office.blank("asset");
    let number = row.id;
    let row = row
        .with("asset_no", format!("A{number}"))
        .with("name", project.text("name").to_owned())
        .with("asset_class", if operating { "operating" } else { "public_benefit" })
        .with("project", id(project.id))
        .with("village", id(office.ids.village()))
        .with("location", project.text("place").to_owned())
        .with("acquired_on", accepted)
        .with("original_value", value)
        .with("fund_source", "central")
        .with("owner", "村集体")
        .with("custodian", "村委会")
        .with("operator", operating.then_some("村合作社"))
        .with("asset_status", "in_use")
        .with("registered_on", accepted.plus(10))
        .with("quantity", Cell::Decimal(10_000))
        .with("unit", "项");
    if operating {
        earnings(office, &row, accepted);
    }
    office.push(row);
    if place == 4 {
        old_asset(office);
    }
}

fn earnings(office: &mut Office<'_>, asset: &Record, accepted: Day) {
    let today = office.today();
    let row = office
        .child("asset_lease", "asset", asset)
        .with("lessee", "本地经营户")
        .with("contract_no", format!("Z{}", asset.id))
        .with("from_on", accepted.plus(5))
        .with("until_on", accepted.plus(1100))
        .with("yearly_rent", 1_200_000)
        .with("rent_due_on", accepted.plus(35))
        .with("rent_paid_on", accepted.plus(30))
        .with("deposit", 200_000);
    office.push(row);
    let received = accepted.plus(31).min(today);
    let row = office
        .child("asset_income", "asset", asset)
        .with("year", received.year())
        .with("received_on", received)
        .with("amount", 1_200_000)
        .with("distributed_amount", 600_000)
        .with("distributed_on", received.plus(24))
        .with("plan_no", "收益分配方案")
        .with("voted_on", received.plus(5))
        .with("noticed_on", received.plus(10));
    office.push(row);
}

/// An asset of an earlier year that was disposed of in good order.
fn old_asset(office: &mut Office<'_>) {
    let disposed = office.today().plus(-90);
    let row = office.blank("asset");
    let number = row.id;
    let row = row
        .with("asset_no", format!("A{number}"))
        .with("name", "旧烘干机")
        .with("asset_class", "public_benefit")
        .with("village", id(office.ids.village()))
        .with("location", "村委会后院")
        .with("acquired_on", Day::of(2017, 6, 1))
        .with("original_value", 3_000_000)
        .with("fund_source", "county")
        .with("owner", "村集体")
        .with("custodian", "村委会")
        .with("asset_status", "disposed")
        .with("registered_on", Day::of(2021, 6, 1))
        .with("quantity", Cell::Decimal(10_000))
        .with("unit", "台");
    let disposal = office
        .child("asset_disposal", "asset", &row)
        .with("way", "scrapped")
        .with("disposed_on", disposed)
        .with("proceeds", 120_000)
        .with("decided_by", "村民代表会议")
        .with("decision_no", "村集体决议")
        .with("decided_on", disposed.plus(-40))
        .with("noticed_on", disposed.plus(-30));
    office.push(disposal);
    office.push(row);
}

fn purchase(office: &mut Office<'_>, project: &Record, value: i64) {
    let started = project.day("started_on").unwrap_or(office.today());
    let (handler, number) = outsider(office);
    let row = office.upper("procurement");
    let own = row.id;
    let winner = format!("第{}建筑队", own % 97);
    let row = row
        .with("procurement_no", format!("C{own}"))
        .with("title", project.text("name").to_owned())
        .with("project", id(project.id))
        .with(
            "file_items",
            vec!["application", "notice", "bids", "award", "contract", "acceptance"],
        )
        .with("applied_on", started.plus(-60))
        .with("noticed_on", started.plus(-45))
        .with("awarded_on", started.plus(-25))
        .with("award_price", value)
        .with("winner", winner.clone())
        .with("contracted_on", started.plus(-10))
        .with("contract_price", value)
        .with("contractor", winner.clone())
        .with("works_started_on", started)
        .with("works_finished_on", project.day("finished_on"))
        .with("accepted_on", project.day("accepted_on"))
        .with("handler_name", handler)
        .with("handler_id_number", number)
        .with("manager_absences", 0)
        .with("supervisor_absences", 0)
        .with("licence_suspicion", false);
    for (bidder, price) in [(winner, value), ("另一家建筑队".to_owned(), value + 500_000)] {
        let (owner, number) = outsider(office);
        let bid = office
            .child("procurement_bid", "procurement", &row)
            .with("bidder", bidder)
            .with("owner_name", owner)
            .with("owner_id_number", number)
            .with("price", price)
            .with("is_winner", price == value);
        office.push(bid);
    }
    office.push(row);
}
