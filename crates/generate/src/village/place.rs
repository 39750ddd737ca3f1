//! The village itself: groups, plans, files, cadres and relatives of officials.

use super::{LAND, Office};
use crate::day::Day;
use crate::names;
use crate::number::Number;
use crate::record::{Cell, Record, id};

pub(super) fn emit(office: &mut Office<'_>) {
    village(office);
    groups(office);
    plans(office);
    files(office);
    cadres(office);
}

fn village(office: &mut Office<'_>) {
    let (village, totals) = (office.village, office.totals);
    let random = &mut office.random;
    let mut record = Record::new("village", office.ids.village(), village.code)
        .with("village_code", village.code.to_string())
        .with("name", village.name.clone())
        .with("village_kind", if village.index % 3 == 0 { "poor" } else { "ordinary" })
        .with("is_exited", true)
        .with("is_weak_branch", random.chance(40))
        .with("population", totals.people)
        .with("households", totals.households)
        .with("group_count", i64::try_from(village.groups).unwrap_or(0))
        .with("collective_income", random.range(11, 40) * 1_000_000)
        .with("primary_schools", random.range(0, 1))
        .with("clinics", 1)
        .with("licensed_doctors", random.range(1, 2))
        .with("public_toilets", random.range(1, 5))
        .with("rubbish_points", random.range(2, 9))
        .with("reading_rooms", 1)
        .with("bus_service", true)
        .with("road_to_township_hardened", true)
        .with("pension_participants", totals.people / 2)
        .with("minimum_living_households", totals.aid_households)
        .with("minimum_living_persons", totals.aid_people)
        .with("special_hardship_persons", 0)
        .with("disabled_persons", totals.disabled)
        .with("unsafe_water_households", 0)
        .with("unsafe_house_households", 0);
    for (field, sum) in LAND.into_iter().zip(totals.land) {
        // More than the households' own: the collective has land too.
        record = record.with(field, Cell::Decimal(sum * 12 / 10 + 1_000_000));
    }
    let record = record
        .with("planned_posts", 8)
        .with("collective_income_target", 5_000_000)
        .with("inventory_finished_on", Day::of(2021, 10, 20))
        .with("waste_land_listed", true)
        .with("unused_houses_listed", true);
    office.push(record);
}

fn groups(office: &mut Office<'_>) {
    let totals = office.totals.groups.clone();
    for (place, (households, people)) in totals.into_iter().enumerate() {
        let number = place as u64;
        let leader = names::any_name(&mut office.random);
        let ids = office.ids;
        let record = Record::new("village_group", ids.group(number), office.village.code)
            .with("village", id(ids.village()))
            .with("group_code", office.village.group_code(number).to_string())
            .with("name", format!("第{}村民小组", place + 1))
            .with("leader_name", leader)
            .with("households", households)
            .with("population", people)
            .with("is_remote", number + 1 == office.village.groups);
        office.push(record);
    }
}

fn plans(office: &mut Office<'_>) {
    let year = office.today().year();
    for (title, amount) in [("产业巩固提升计划", 30_000_000), ("基础设施补短板计划", 18_000_000)]
    {
        let row = office
            .own("village_plan")
            .with("title", title)
            .with("year", year)
            .with("target", "年内完成3个项目，覆盖脱贫户和监测户80户")
            .with("amount", amount)
            .with("finish_on", Day::of(year, 12, 20))
            .with("responsible_person", "村党组织书记");
        office.push(row);
    }
}

fn files(office: &mut Office<'_>) {
    for item in ["村级帮扶手册", "民主评议记录", "公示公告照片", "村级项目资料"]
    {
        let row = office
            .own("office_file")
            .with("level", "village")
            .with("item_name", item)
            .with("is_present", true)
            .with("copies", 1)
            .with("place", "村档案室")
            .with("filed_on", Day::of(2025, 12, 1));
        office.push(row);
    }
}

/// An invented number of somebody outside the register.
pub(super) fn outsider(office: &mut Office<'_>) -> (String, Number) {
    let birth = Day::of(1965, 1, 1).plus(i32::try_from(office.random.range(0, 9000)).unwrap_or(0));
    let sequence = u32::try_from(office.random.below(499)).unwrap_or(0);
    let is_male = office.random.chance(700);
    let number = Number::person(969_902, birth, sequence, is_male);
    (names::any_name(&mut office.random), number)
}

fn cadres(office: &mut Office<'_>) {
    for post in ["村党组织书记", "村委会主任", "村监委会主任", "村文书"] {
        let (name, number) = outsider(office);
        let row = office
            .blank("village_cadre")
            .with("name", name)
            .with("id_number", number)
            .with("village", id(office.ids.village()))
            .with("cadre_post", post)
            .with("since_on", Day::of(2021, 1, 20))
            .with("is_active", true);
        office.push(row);
    }
    let (official, official_number) = outsider(office);
    let (relative, number) = outsider(office);
    let row = office
        .upper("official_relative")
        .with("official_name", official)
        .with("official_id_number", official_number)
        .with("official_post", "乡镇民政办经办")
        .with("relative_name", relative)
        .with("id_number", number)
        .with("kinship", "兄弟")
        .with("registered_on", Day::of(2023, 5, 8));
    office.push(row);
}
