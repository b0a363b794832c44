//! Records: what the edge asks the origin for on demand, keeps, and drops when the feed names it
//! ([`crate::feed::Untrue::Record`]).
//!
//! The edge asks as itself: with an assertion whose caller carries [`SCOPE`], which no role brings, no
//! token can hold, and no client can be given. There is no route to records through the edge.

use serde::{Deserialize, Serialize};

use crate::api_key::KeyHash;
use crate::caller::{Mode, Principal, Role};
use crate::id::{ApiKeyId, PlanId};

/// What the edge's own assertion carries.
pub const SCOPE: &str = "records:read";

/// The firewall's record in the feed.
pub const FIREWALL: &str = "firewall";
/// The path of the firewall's record at the origin: the lists that were set at run time, or null where
/// those of the edge's configuration hold.
pub const FIREWALL_PATH: &str = "/records/firewall";

/// The record of the pools' origins in the feed.
pub const ORIGINS: &str = "origins";
/// The path of that record at the origin: the lists that were set at run time
/// ([`crate::origins::Origins`]), or null where those of the edge's deployment hold.
pub const ORIGINS_PATH: &str = "/records/origins";

/// The edge itself, as it asks for records.
pub fn edge() -> Principal {
    Principal {
        subject: "edge".to_owned(),
        account: "edge".to_owned(),
        role: Role::Service,
        scopes: vec![SCOPE.to_owned()],
        mode: Mode::Live,
    }
}

/// The path of a key's record at the origin.
pub fn key_path(hash: KeyHash) -> String {
    format!("/records/keys/{hash}")
}

/// The path of a plan's record at the origin: a [`crate::plan::Plan`].
pub fn plan_path(id: PlanId) -> String {
    format!("/records/plans/{id}")
}

/// A key's record in the feed.
pub fn key_name(hash: KeyHash) -> String {
    format!("key:{hash}")
}

/// A plan's record in the feed.
pub fn plan_name(id: PlanId) -> String {
    format!("plan:{id}")
}

/// Who calls with an API key, and how much it may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRecord {
    /// The key's id, for logs and as the caller's subject.
    pub id: ApiKeyId,
    /// Whose limits, idempotency keys and orders they are.
    pub account: String,
    /// What it is to the shop.
    pub role: Role,
    /// Whether real money moves.
    pub mode: Mode,
    /// Its plan.
    pub plan: PlanId,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it ends, in Unix seconds, rounded down.
    pub expires_at: Option<i64>,
    /// Whether it was revoked.
    pub revoked: bool,
}

impl KeyRecord {
    /// The caller, unless the key no longer holds.
    pub fn principal(&self, now_seconds: i64) -> Option<Principal> {
        let ended = self.expires_at.is_some_and(|end| now_seconds >= end);
        (!self.revoked && !ended).then(|| Principal {
            subject: self.id.to_string(),
            account: self.account.clone(),
            role: self.role,
            scopes: self.scopes.clone(),
            mode: self.mode,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_has_ended_stands_for_nobody() {
        let record = KeyRecord {
            id: ApiKeyId::new(0, [0; 10]),
            account: "acme".into(),
            role: Role::Partner,
            mode: Mode::Test,
            plan: PlanId::new(0, [0; 10]),
            scopes: vec!["orders:read".into()],
            expires_at: Some(100),
            revoked: false,
        };
        let revoked = KeyRecord {
            revoked: true,
            ..record.clone()
        };
        assert_eq!(record.principal(99).unwrap().account, "acme");
        assert_eq!(record.principal(100), None);
        assert_eq!(revoked.principal(0), None);
        for role in Role::ALL {
            assert!(!role.scopes().contains(&SCOPE), "{role} brings it");
        }
    }
}
