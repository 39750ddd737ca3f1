//! Rights: given by the security administrator, never to himself.

use crate::paging::every;
use crate::{Caller, Service, ServiceError};
use taizhang_codebook::Action;
use taizhang_store::{Filter, NewRecord, Query, Reader, Record, StoreError, Values};
use taizhang_values::{Date, RecordId, RegionCode};

/// Powers of the three administrators. Nobody holds two of them: who makes accounts gives no
/// rights, and neither of both watches over the trail.
const OFFICES: [&str; 3] = ["users.manage", "grants.manage", "audit.read"];
/// Most grants of one person.
const GRANTS_MAX: usize = 100;

/// A right to give.
#[derive(Clone, Debug)]
pub struct NewGrant {
    /// To whom.
    pub user: RecordId,
    /// Role in the codebook.
    pub role: String,
    /// Root of the region subtree.
    pub region: RegionCode,
    /// For one unit only.
    pub unit: Option<RecordId>,
    /// First day.
    pub since: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
}

impl Service {
    /// Gives a right.
    ///
    /// # Errors
    /// `Denied` without the power `grants.manage` over the region and for a grant to oneself;
    /// `Invalid` for an unknown role or one that does not fit the level of the region, `S0211` for
    /// a unit outside the caller's power.
    pub fn give_grant(&self, caller: &Caller, input: &NewGrant) -> Result<Record, ServiceError> {
        self.require_power_in(caller, "grants.manage", &input.region)?;
        if input.user == caller.user {
            return Err(self.denied("grant.to_oneself", Some(&input.region)));
        }
        self.check_role(&input.role, &input.region)?;
        self.check_unit(caller, "grants.manage", ("grant", input.unit.as_ref()))?;
        let ends_early = matches!((input.since, input.until), (Some(a), Some(b)) if b < a);
        if ends_early {
            return Err(ServiceError::field(
                "grant",
                "until",
                "S0205",
                "截止日期不能早于生效日期",
                "the last day is before the first",
            ));
        }
        let act = self.act(caller, "grant.give", None);
        self.store.write(&act, |writer| {
            self.check_offices(writer, input)?;
            Ok(writer.insert("grant", record_of(input))?)
        })
    }

    /// Refuses a role of an administrator to somebody who holds another one's, and to an account
    /// whose first password somebody else still knows.
    fn check_offices(&self, reader: &Reader<'_>, input: &NewGrant) -> Result<(), ServiceError> {
        let given = self.offices_in(&input.role);
        let Some(office) = given.first() else { return Ok(()) };
        if self.offices_of(reader, &input.user)?.iter().any(|held| held != office)
            || given.len() > 1
        {
            return Err(ServiceError::field(
                "grant",
                "role",
                "S0209",
                "系统、安全、审计三类管理员不能由同一人担任",
                "one person cannot hold two of the three administrators' offices",
            ));
        }
        let user = reader.get("user", &input.user)?.ok_or(ServiceError::NotFound)?;
        if user.get("must_change_password").as_boolean() == Some(true) {
            return Err(ServiceError::field(
                "grant",
                "user",
                "S0210",
                "对方还没有改初始密码，改好后再授管理员角色",
                "the person has to change the first password before administering anything",
            ));
        }
        Ok(())
    }

    /// The administrators' offices that a person holds, today or by a right that begins later.
    pub(super) fn offices_of(
        &self,
        reader: &Reader<'_>,
        user: &RecordId,
    ) -> Result<Vec<&'static str>, StoreError> {
        let grants = every(reader, Query::new("grant").filter(Filter::eq("user", user)))?;
        let today = self.today();
        let is_over = |grant: &Record| grant.get("until").as_date().is_some_and(|day| day < today);
        let held = grants.iter().filter(|grant| !is_over(grant));
        Ok(held.flat_map(|grant| self.offices_in(grant.text("role"))).collect())
    }

    fn offices_in(&self, role: &str) -> Vec<&'static str> {
        let role = self.codebook().roles.get(role);
        let holds = |office: &&str| {
            role.is_some_and(|role| role.powers.iter().any(|power| power == *office))
        };
        OFFICES.into_iter().filter(holds).collect()
    }

    /// Refuses a role that the codebook does not know or that does not fit the region's level.
    pub(crate) fn check_role(&self, name: &str, region: &RegionCode) -> Result<(), ServiceError> {
        let role = self.codebook().roles.get(name).ok_or_else(|| {
            ServiceError::field("grant", "role", "S0203", "没有这个角色", "no such role")
        })?;
        if !role.levels.is_empty() && !role.levels.contains(&region.level()) {
            return Err(ServiceError::field(
                "grant",
                "region",
                "S0204",
                "这个角色不能授在这一级区划",
                "the role cannot be given at this level of the tree",
            ));
        }
        Ok(())
    }

    /// As [`Service::give_grant`] without the test of the giver's right; for first start.
    pub(crate) fn insert_grant(
        &self,
        caller: &Caller,
        input: &NewGrant,
    ) -> Result<Record, ServiceError> {
        let act = self.act(caller, "grant.give", None);
        self.store.write(&act, |writer| Ok(writer.insert("grant", record_of(input))?))
    }

    /// Refuses a unit over which the caller does not hold the power: whoever belongs to it would
    /// see what is its own, wherever that lies.
    pub(super) fn check_unit(
        &self,
        caller: &Caller,
        power: &str,
        (ledger, unit): (&str, Option<&RecordId>),
    ) -> Result<(), ServiceError> {
        let Some(unit) = unit else { return Ok(()) };
        let unit = self.store.read(|reader| reader.get("unit", unit))?;
        let region = unit.and_then(|unit| unit.region);
        let is_covered =
            region.is_some_and(|region| self.require_power_in(caller, power, &region).is_ok());
        if is_covered {
            return Ok(());
        }
        let (zh, en) = ("这个单位不在您管理的范围内", "the unit lies outside your power");
        Err(ServiceError::field(ledger, "unit", "S0211", zh, en))
    }

    /// Takes a right away; works with the person's next request.
    ///
    /// # Errors
    /// `Denied` without the power `grants.manage` over the grant's region.
    pub fn take_grant(
        &self,
        caller: &Caller,
        grant: &RecordId,
        version: i64,
        reason: &str,
    ) -> Result<(), ServiceError> {
        let record = self.reachable(caller, "grant", grant, Action::Delete)?;
        let region = record.region.clone().ok_or(ServiceError::NotFound)?;
        self.require_power_in(caller, "grants.manage", &region)?;
        let act = self.act(caller, "grant.take", Some(reason));
        self.store.write(&act, |writer| Ok(writer.delete("grant", grant, version)?))
    }

    /// The grants of a person that the caller may see.
    ///
    /// # Errors
    /// Store errors only.
    pub fn grants(&self, caller: &Caller, user: &RecordId) -> Result<Vec<Record>, ServiceError> {
        let query = Query::new("grant").filter(Filter::eq("user", user)).limit(GRANTS_MAX);
        Ok(self.list_visible(caller, query)?.records)
    }

    /// Refuses unless the caller has a power over a region.
    pub(crate) fn require_power_in(
        &self,
        caller: &Caller,
        power: &str,
        region: &RegionCode,
    ) -> Result<(), ServiceError> {
        let covers =
            caller.power_regions(self.codebook(), power).iter().any(|root| region.is_under(root));
        if covers { Ok(()) } else { Err(self.denied(power, Some(region))) }
    }
}

pub(super) fn record_of(input: &NewGrant) -> NewRecord {
    let values = Values::from([
        ("user".to_owned(), (&input.user).into()),
        ("role".to_owned(), input.role.as_str().into()),
        ("unit".to_owned(), input.unit.clone().into()),
        ("since".to_owned(), input.since.into()),
        ("until".to_owned(), input.until.into()),
    ]);
    NewRecord { region: Some(input.region.clone()), values, ..NewRecord::default() }
}
