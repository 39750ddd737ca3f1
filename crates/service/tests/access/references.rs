//! Nobody ties what he writes to a household that he does not see.

use crate::work::world::{TOWN, VILLAGES, World, for_each_database};
use taizhang_service::ServiceError;
use taizhang_service::register::{SaveRecord, Saved};
use taizhang_store::{Record, Values};
use taizhang_values::{RegionCode, Value};

const OTHER_VILLAGE: &str = "990101101201";

fn save(
    world: &World,
    login: &str,
    (ledger, region): (&str, &str),
    record: Option<&Record>,
    values: Values,
) -> Result<Record, ServiceError> {
    let input = SaveRecord {
        ledger: ledger.to_owned(),
        id: record.map(|record| record.id.clone()),
        version: record.map_or(0, |record| record.version),
        region: RegionCode::parse(region),
        values,
        reason: "入户核实".to_owned(),
    };
    match world.service().save_record(&world.caller(login), &input)? {
        Saved::Written(record, _) | Saved::Proposed(record) => Ok(*record),
    }
}

fn household(world: &World, login: &str, region: &str, number: &str) -> Record {
    let values = Values::from([
        ("household_no".to_owned(), number.into()),
        ("head_name".to_owned(), "甲某".into()),
        ("household_type".to_owned(), "general".into()),
    ]);
    save(world, login, ("household", region), None, values).unwrap()
}

fn member(household: &Record) -> Values {
    let text = |name: &str, value: &str| (name.to_owned(), Value::from(value));
    let home = ("household".to_owned(), Value::from(&household.id));
    Values::from([home, text("name", "乙某"), text("relation_to_head", "02")])
}

fn code(found: Result<Record, ServiceError>) -> String {
    match found {
        Ok(_) => "written".to_owned(),
        Err(ServiceError::Invalid(faults)) => faults[0].code.to_string(),
        Err(other) => format!("{other:?}"),
    }
}

#[test]
fn nobody_ties_a_record_to_a_household_that_he_does_not_see() {
    for_each_database(|world| {
        let strange = household(world, "clerk", VILLAGES[0], "990100000001");
        let own = household(world, "elsewhere", OTHER_VILLAGE, "990100000002");
        let persons = ("person", OTHER_VILLAGE);
        assert_eq!(code(save(world, "elsewhere", persons, None, member(&strange))), "V0104");
        let person = save(world, "elsewhere", persons, None, member(&own)).unwrap();
        let moved = Values::from([("household".to_owned(), Value::from(&strange.id))]);
        assert_eq!(code(save(world, "elsewhere", persons, Some(&person), moved)), "V0104");
        // The village of the place may, and so may the township for it.
        for (login, region) in [("village", VILLAGES[0]), ("clerk", TOWN)] {
            assert_eq!(
                code(save(world, login, ("person", region), None, member(&strange))),
                "written"
            );
        }
    });
}
