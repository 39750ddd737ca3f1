//! Messages inside the system: who has to look at what. They hold no name and no case content.

use crate::access::is_in_force;
use crate::paging::every;
use crate::{Caller, Service, ServiceError};
use std::collections::BTreeSet;
use taizhang_store::{Change, Filter, NewRecord, Query, Reader, Record, Writer};
use taizhang_values::{Date, RecordId, RegionCode, Value};

/// Most people told at once; a role with more holders is told in its region by the queue.
const TOLD_MAX: usize = 50;
/// Most unread messages that are listed.
const UNREAD_MAX: usize = 100;

impl Service {
    /// The caller's unread messages, newest first, at most 100.
    ///
    /// # Errors
    /// Store errors only.
    pub fn unread_messages(&self, caller: &Caller) -> Result<Vec<Record>, ServiceError> {
        let filter = Filter::eq("user", &caller.user).and(Filter::IsEmpty("read_at".to_owned()));
        let query = Query::new("message").filter(filter).limit(UNREAD_MAX);
        Ok(self.store.read(|reader| reader.list(&query))?.records)
    }

    /// Marks messages as read; those of others are passed over.
    ///
    /// # Errors
    /// Store errors only.
    pub fn mark_read(&self, caller: &Caller, messages: &[RecordId]) -> Result<(), ServiceError> {
        let act = self.act(caller, "message.read", None);
        let now = self.now();
        self.store.write(&act, |writer| {
            for id in messages {
                let Some(message) = writer.get("message", id)? else { continue };
                let is_mine = message.reference("user") == Some(&caller.user);
                if is_mine && message.get("read_at").is_empty() {
                    let values = [("read_at".to_owned(), Value::from(now))].into();
                    let change = Change { values, ..Change::default() };
                    writer.update("message", id, message.version, change)?;
                }
            }
            Ok(())
        })
    }

    /// Writes one message to each user about a finding.
    pub(crate) fn tell(
        &self,
        writer: &Writer<'_>,
        users: &[RecordId],
        kind: &str,
        finding: &Record,
        due_on: Option<Date>,
    ) -> Result<(), ServiceError> {
        for user in users.iter().take(TOLD_MAX) {
            let values = [
                ("user".to_owned(), Value::from(user)),
                ("kind".to_owned(), kind.into()),
                ("finding".to_owned(), Value::from(&finding.id)),
                ("due_on".to_owned(), due_on.into()),
            ];
            let message = NewRecord {
                region: finding.region.clone(),
                values: values.into(),
                ..NewRecord::default()
            };
            writer.insert("message", message)?;
        }
        Ok(())
    }

    /// Users who hold one of the roles over the finding's region, those with the smallest region
    /// first and nobody beyond: a village's matter does not ring in the whole county.
    pub(crate) fn role_holders(
        &self,
        reader: &Reader<'_>,
        roles: &[String],
        finding: &Record,
    ) -> Result<Vec<RecordId>, ServiceError> {
        let Some(region) = finding.region.as_ref() else { return Ok(Vec::new()) };
        let filter = Filter::In("role".to_owned(), values(roles))
            .and(Filter::In("region".to_owned(), values(&ancestors(region))));
        let today = self.today();
        let mut grants = every(reader, Query::new("grant").filter(filter))?;
        grants.retain(|grant| is_in_force(grant, today));
        let length = |grant: &Record| grant.region.as_ref().map_or(0, |r| r.as_str().len());
        let nearest = grants.iter().map(&length).max().unwrap_or(0);
        let users: BTreeSet<RecordId> = grants
            .iter()
            .filter(|grant| length(grant) == nearest)
            .filter_map(|grant| grant.reference("user").cloned())
            .collect();
        Ok(users.into_iter().take(TOLD_MAX).collect())
    }
}

/// The region and everything that contains it.
pub(crate) fn ancestors(region: &RegionCode) -> Vec<String> {
    let mut codes = vec![region.to_string()];
    let mut place = region.parent();
    while let Some(parent) = place {
        codes.push(parent.to_string());
        place = parent.parent();
    }
    codes
}

fn values(texts: &[String]) -> Vec<Value> {
    texts.iter().map(|text| Value::from(text.as_str())).collect()
}
