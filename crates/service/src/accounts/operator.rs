//! The operator of the machine: makes the first accounts from the terminal, reads no data.

use super::grants::{NewGrant, record_of};
use super::users::{NewUser, first_password};
use crate::letters::UnitNames;
use crate::{Caller, Service, ServiceError};
use taizhang_values::{RecordId, RegionCode};

impl Service {
    /// The person at the machine's terminal: no grants, named in the audit as `cli`.
    #[must_use]
    pub fn operator(&self) -> Caller {
        Caller { name: "operator".to_owned(), source: "cli".to_owned(), ..self.own_caller() }
    }

    /// Makes an account with one role and gives its first password: both or neither.
    ///
    /// # Errors
    /// `Invalid` for an unknown role, a role that does not fit the region's level or a taken name.
    pub fn operator_add_user(&self, new: &NewUser, role: &str) -> Result<String, ServiceError> {
        let operator = self.operator();
        self.check_role(role, &new.region)?;
        let password = first_password()?;
        let account = self.account(new, &password, true)?;
        let act = self.act(&operator, "user.create", None);
        self.store.write(&act, |writer| {
            let grant = NewGrant {
                user: account.insert(writer)?.id,
                role: role.to_owned(),
                region: new.region.clone(),
                unit: new.unit.clone(),
                since: None,
                until: None,
            };
            let grant = writer.insert("grant", record_of(&grant))?;
            // Rights are looked for in the trail under their own verb.
            writer.audit("grant.give", &format!("grant/{}", grant.id), role)?;
            Ok(password)
        })
    }

    /// A new first password for an account.
    ///
    /// # Errors
    /// `NotFound` if nobody has this name.
    pub fn operator_reset_password(&self, login: &str) -> Result<String, ServiceError> {
        let user = self.user_by_login(login)?.ok_or(ServiceError::NotFound)?;
        let password = first_password()?;
        let hash = self.hash_password(&password)?;
        self.store_password(&self.operator(), &user.id, &hash, true, "user.reset_password")?;
        Ok(password)
    }

    /// The unit of a name near a region; none if none was named.
    ///
    /// # Errors
    /// `Invalid` for a name that no unit has.
    pub fn operator_unit(
        &self,
        name: Option<&str>,
        region: &RegionCode,
    ) -> Result<Option<RecordId>, ServiceError> {
        let Some(name) = name else { return Ok(None) };
        let units: UnitNames = self.unit_names(region)?;
        let found = units.find(name).cloned().ok_or_else(|| {
            ServiceError::field("user", "unit", "S0206", "没有这个单位", "no unit of this name")
        })?;
        Ok(Some(found))
    }
}
