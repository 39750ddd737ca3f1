//! Cooperatives, solar stations, shops, the collective's money.

use super::Office;
use crate::day::Day;
use crate::record::{Cell, Record, id};

pub(super) fn emit(office: &mut Office<'_>) {
    cooperative(office);
    solar(office);
    shop(office);
    for back in [3, 2, 1] {
        let year = office.today().year() - back;
        let amount = office.random.range(11, 40) * 1_000_000;
        let row = office
            .own("collective_income")
            .with("year", year)
            .with("amount", amount)
            .with("operating_amount", amount / 2)
            .with("target_amount", 5_000_000);
        office.push(row);
    }
    let today = office.today();
    let row = office
        .own("idle_fund")
        .with("amount", 20_000_000)
        .with("placed_on", today.plus(-200))
        .with("bank", "农村信用社")
        .with("product", "定期存款")
        .with("is_bank_product", true)
        .with("matures_on", today.plus(165))
        .with("decision_no", "村民代表会议决议")
        .with("account_number", format!("6201{:012}", office.village.index));
    office.push(row);
}

fn cooperative(office: &mut Office<'_>) {
    let ids = office.ids;
    let row = Record::new("cooperative", ids.cooperative(), office.village.code)
        .with("village", id(ids.village()))
        .with("name", format!("{}种养专业合作社", office.village.name))
        .with("credit_code", format!("93{:016}", office.village.index))
        .with("entity_kind", "cooperative")
        .with("farmers_take_part", true)
        .with("has_production", true)
        .with("is_stopped", false)
        .with("suspected_of_fraud", false)
        .with("reported_by_villagers", false)
        .with("illegal_finance", false)
        .with("has_share_register", true)
        .with("has_member_list", true)
        .with("has_yearly_account", true)
        .with("has_benefit_contract", true)
        .with("is_active", true);
    office.push(row);
}

fn solar(office: &mut Office<'_>) {
    let station = office.own("solar_station");
    let number = station.id;
    let station = station
        .with("station_no", format!("GF{number}"))
        .with("name", "村级光伏电站")
        .with("capacity_kw", Cell::Decimal(3_000_000))
        .with("connected_on", Day::of(2018, 6, 30))
        .with("is_running", true);
    for back in [2, 1] {
        let year = office.today().year() - back;
        let received = office.random.range(18, 30) * 1_000_000;
        let retained = received * 2 / 10;
        let row = office
            .child("solar_income", "station", &station)
            .with("village", id(office.ids.village()))
            .with("year", year)
            .with("settlement_received", received)
            .with("retained_sum", retained)
            .with("paid_out_sum", received - retained)
            .with("plan_made_on", Day::of(year, 2, 20))
            .with("voted_on", Day::of(year, 3, 1))
            .with("reviewed_on", Day::of(year, 3, 12))
            .with("filed_on", Day::of(year, 3, 25))
            .with("noticed_on", Day::of(year, 4, 1))
            .with("recipients", 14)
            .with("smallest_share", 300_000)
            .with("largest_share", 960_000)
            .with("for_duty_or_need", true);
        office.push(row);
    }
    office.push(station);
}

fn shop(office: &mut Office<'_>) {
    let exchanged = office.totals.exchanged * 100;
    let ids = office.ids;
    let (purchased, donated) = (1_500_000 + exchanged, 300_000);
    let row = Record::new("points_shop", ids.shop(), office.village.code)
        .with("village", id(ids.village()))
        .with("name", "爱心超市")
        .with("goods_purchased", purchased)
        .with("goods_donated", donated)
        .with("goods_exchanged", exchanged)
        .with("goods_stock", purchased + donated - exchanged);
    office.push(row);
}
